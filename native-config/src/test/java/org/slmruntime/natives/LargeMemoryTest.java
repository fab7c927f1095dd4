package org.slmruntime.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class LargeMemoryTest {
  private static final long[] SIZES = {1, 64, (2L << 20) - 1, 2L << 20, (5L << 20) + 3};

  @Test
  void isZeroAndCanBeWrittenToTheLastByte() {
    for (long size : SIZES) {
      try (Arena arena = Arena.ofShared()) {
        check(LargeMemory.allocate(arena, size), size);
        check(LargeMemory.allocateAsUsed(arena, size), size);
      }
    }
  }

  private static void check(MemorySegment memory, long size) {
    assertEquals(size, memory.byteSize());
    assertEquals(0, memory.address() % 64);
    assertEquals(-1, memory.mismatch(MemorySegment.ofArray(new byte[(int) size])));
    memory.fill((byte) 7);
    assertEquals(7, memory.get(ValueLayout.JAVA_BYTE, size - 1));
  }

  @Test
  void isGoneWithItsArena() {
    for (long size : SIZES) {
      MemorySegment memory;
      try (Arena arena = Arena.ofShared()) {
        memory = LargeMemory.allocate(arena, size);
      }
      assertFalse(memory.scope().isAlive());
      assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
    }
  }

  @Test
  void isTheFileThatWasMapped(@TempDir Path folder) throws IOException {
    for (long size : SIZES) {
      byte[] bytes = new byte[(int) size];
      Arrays.fill(bytes, (byte) 5);
      Path path = Files.write(folder.resolve("file"), bytes);
      MemorySegment memory;
      try (Arena arena = Arena.ofShared();
          FileChannel file = FileChannel.open(path)) {
        MemorySegment mapped = file.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
        memory = LargeMemory.ofMapped(mapped, arena);
        assertEquals(-1, memory.mismatch(MemorySegment.ofArray(bytes)));
        assertEquals(size, memory.byteSize());
      }
      assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void isMappedOnLinuxAndRefusedWhereThereIsNotSoMuch() {
    try (Arena arena = Arena.ofShared()) {
      assertTrue(LargeMemory.mapped(arena, 4L << 20, true).isPresent());
      assertTrue(LargeMemory.mapped(arena, 1L << 60, false).isEmpty());
    }
  }
}
