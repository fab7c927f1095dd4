package org.slmruntime.ptx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class GlobalMemoryTest {
  private final GlobalMemory memory = new GlobalMemory(4096);

  @Test
  void hasACapacity() {
    long a = memory.allocate(4000);
    assertEquals(4000, memory.allocated());
    Lab.assertFails("97 bytes asked for, but 96 are free", () -> memory.allocate(97));
    memory.free(a);
    assertEquals(0, memory.allocated());
    memory.allocate(4096);
  }

  @Test
  void neverGivesAnAddressTwice() {
    long a = memory.allocate(100);
    memory.free(a);
    long b = memory.allocate(100);
    assertNotEquals(a, b);
    assertEquals(0, b % 256);
    Lab.assertFails("freed", () -> memory.free(a));
  }

  @Test
  void knowsWhatIsLive() {
    long a = memory.allocate(100);
    assertTrue(memory.isLive(a, 100));
    assertTrue(memory.isLive(a + 99, 1));
    assertFalse(memory.isLive(a, 101));
    assertFalse(memory.isLive(a + 100, 0));
    assertFalse(memory.isLive(0, 1));
    memory.free(a);
    assertFalse(memory.isLive(a, 1));
  }

  @Test
  void refusesToReadWhatWasNeverWritten() {
    long a = memory.allocate(16);
    byte[] bytes = new byte[16];
    memory.write(a, MemorySegment.ofArray(new byte[] {1, 2, 3}), 3);
    memory.read(a, MemorySegment.ofArray(bytes), 3);
    assertArrayEquals(new byte[] {1, 2, 3}, java.util.Arrays.copyOf(bytes, 3));
    Lab.assertFails("byte 3 of 4", () -> memory.read(a, MemorySegment.ofArray(bytes), 4));
    memory.fill(a + 3, (byte) 9, 13);
    memory.read(a, MemorySegment.ofArray(bytes), 16);
    assertEquals(9, bytes[15]);
  }

  @Test
  void copiesWhetherBytesWereWritten() {
    long a = memory.allocate(8);
    long b = memory.allocate(8);
    memory.fill(a, (byte) 1, 4);
    memory.fill(b, (byte) 2, 8);
    memory.copy(b, a, 8);
    byte[] bytes = new byte[8];
    memory.read(b, MemorySegment.ofArray(bytes), 4);
    assertEquals(1, bytes[3]);
    Lab.assertFails("never written", () -> memory.read(b, MemorySegment.ofArray(bytes), 5));
    Lab.assertFails("beyond an allocation", () -> memory.copy(b + 1, a, 8));
  }

  @Test
  void countsLoads() {
    Lab lab = Lab.checked();
    long data = lab.upload(new int[64]);
    String body =
        "mul.wide.u32 %rd2, %r1, 4;\nadd.s64 %rd3, %rd1, %rd2;\nld.global.u32 %r2, [%rd3];\n";
    lab.run("", body, 64, data);
    lab.memory.trackLoads(true);
    assertEquals(0, lab.memory.loadedBytes(data, 256));
    lab.run("", body + "ld.global.u32 %r3, [%rd1];", 64, data);
    assertEquals(256 + 2 * 4, lab.memory.loadedBytes(data, 256));
    assertEquals(3 * 4, lab.memory.loadedBytes(data, 4));
    lab.memory.trackLoads(false);
    assertEquals(0, lab.memory.loadedBytes(data, 256));
  }
}
