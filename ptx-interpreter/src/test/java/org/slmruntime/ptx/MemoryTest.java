package org.slmruntime.ptx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final String OWN_WORD =
      "mul.wide.u32 %rd10, %r1, 4;\nadd.s64 %rd11, %rd1, %rd10;\n";

  private final Samples samples = new Samples();

  private int[] words(int count) {
    return samples.random().ints(count).toArray();
  }

  @Test
  void movesVectorsAndParts() {
    Lab lab = Lab.checked();
    int[] values = words(4 * 32);
    long in = lab.upload(values);
    long out = lab.memory.allocate(16 * 32);
    lab.run(
        "",
        """
        mul.wide.u32 %rd10, %r1, 16;
        add.s64 %rd11, %rd1, %rd10;
        add.s64 %rd12, %rd2, %rd10;
        ld.global.nc.L1::no_allocate.L2::128B.v4.u32 {%r10, %r11, %r12, %r13}, [%rd11];
        ld.global.v2.u64 {%rd20, %rd21}, [%rd11];
        ld.global.cg.s8 %r14, [%rd11+1];
        ld.volatile.global.u16 %h1, [%rd11+2];
        cvt.u32.u16 %r15, %h1;
        st.global.v2.u32 [%rd12], {%r13, %r14};
        st.global.cs.u32 [%rd12+8], %r15;
        cvt.u32.u64 %r16, %rd21;
        st.global.u8 [%rd12+12], %r16;
        shr.u64 %rd21, %rd21, 8;
        cvt.u16.u64 %h2, %rd21;
        st.global.u8 [%rd12+13], %h2;
        st.global.u16 [%rd12+14], %h1;
        """,
        32,
        in,
        out);
    int[] results = lab.ints(out, 4 * 32);
    for (int i = 0; i < 32; i++) {
      int[] expected = {
        values[4 * i + 3],
        (byte) (values[4 * i] >> 8),
        values[4 * i] >>> 16,
        values[4 * i + 2] & 0xffff | values[4 * i] & 0xffff0000
      };
      int[] actual = {results[4 * i], results[4 * i + 1], results[4 * i + 2], results[4 * i + 3]};
      assertArrayEquals(expected, actual, "thread " + i + ", seed " + Lab.SEED);
    }
  }

  @Test
  void reachesAllSpacesByGenericAddresses() {
    Lab lab = Lab.checked();
    int[] values = words(32);
    long data = lab.upload(values);
    lab.run(
        ".shared .align 16 .b8 sh[128];\n.const .align 4 .b8 table[8] = {1, 2, 3, 4, 5, 6, 7, 8};",
        """
        .local .align 16 .b8 depot[16];
        ld.u32 %r10, [%rd1];
        mov.u32 %r11, sh;
        shl.b32 %r12, %r1, 2;
        add.s32 %r13, %r11, %r12;
        cvt.u64.u32 %rd3, %r13;
        cvta.shared.u64 %rd4, %rd3;
        """
            + OWN_WORD
            + """
            ld.u32 %r14, [%rd11];
            st.u32 [%rd4], %r14;
            ld.shared.u32 %r15, [%r13];
            mov.u64 %rd5, depot;
            cvta.local.u64 %rd6, %rd5;
            st.u32 [%rd6+4], %r15;
            ld.local.u32 %r16, [depot+4];
            ld.const.u32 %r17, [table+4];
            xor.b32 %r18, %r16, %r17;
            st.global.u32 [%rd11], %r18;
            """
                .replace("ld.u32 %r10, [%rd1];\n", ""),
        32,
        data);
    int[] results = lab.ints(data, 32);
    for (int i = 0; i < 32; i++) {
      assertEquals(values[i] ^ 0x08070605, results[i], "thread " + i + ", seed " + Lab.SEED);
    }
  }

  private static Runnable store(int threads, int offset) {
    return () -> {
      Lab lab = Lab.checked();
      long data = lab.memory.allocate(4L * 64);
      lab.run("", OWN_WORD + "st.global.u32 [%rd11+" + offset + "], %r1;", threads, data);
    };
  }

  @Test
  void findsAccessesOutsideAllocations() {
    store(64, 0).run();
    Lab.assertFails("0 bytes after the end of an allocation of 256 bytes", store(65, 0));
    Lab.assertFails("block (0, 0, 0), warp 0, lane 0", store(32, -4));
    Lab.assertFails("out of bounds", store(32, 1 << 20));
  }

  @Test
  void findsAccessesThatReachBeyondTheEnd() {
    Lab lab = Lab.checked();
    long data = lab.upload(new int[5]);
    String load = "ld.global.v4.u32 {%r2, %r3, %r4, %r5}, [%rd1+%d];";
    lab.run("", load.replace("%d", "0"), 1, data);
    Lab.assertFails(
        "out of bounds: 16 bytes", () -> lab.run("", load.replace("%d", "16"), 1, data));
  }

  @Test
  void findsMisalignedAccesses() {
    Lab.assertFails("misaligned: 4 bytes", store(32, 2));
    Lab lab = Lab.checked();
    long data = lab.upload(new int[64]);
    String body = "ld.global.v2.u32 {%r2, %r3}, [%rd1+";
    lab.run("", body + "8];", 1, data);
    Lab.assertFails("misaligned: 8 bytes", () -> lab.run("", body + "4];", 1, data));
  }

  @Test
  void findsUseAfterFree() {
    Lab lab = Lab.checked();
    long data = lab.memory.allocate(256);
    PtxModule module = Lab.module("", 1, OWN_WORD + "st.global.u32 [%rd11], %r1;");
    lab.run(module, Dim3.of(1), Dim3.of(32), data);
    lab.memory.free(data);
    Lab.assertFails(
        "in an allocation of 256 bytes that was freed",
        () -> lab.run(module, Dim3.of(1), Dim3.of(32), data));
  }

  @Test
  void findsGlobalBytesNeverWritten() {
    Lab lab = Lab.checked();
    long data = lab.memory.allocate(8);
    lab.memory.fill(data, (byte) 1, 7);
    lab.run("", "ld.global.u16 %h1, [%rd1+4];", 1, data);
    Lab.assertFails("never written", () -> lab.run("", "ld.global.u32 %r2, [%rd1+4];", 1, data));
    lab.run("", "mov.b16 %h1, 5;\nst.global.u8 [%rd1+7], %h1;", 1, data);
    lab.run("", "ld.global.u32 %r2, [%rd1+4];", 1, data);
    assertEquals(0x05010101, lab.ints(data, 2)[1]);
  }

  @Test
  void findsUsesOfSharedAndLocalBytesNeverWritten() {
    Lab lab = Lab.checked();
    long data = lab.memory.allocate(4);
    String shared = ".shared .align 4 .b8 sh[256];";
    String use = "add.u32 %r3, %r2, 1;\nst.global.u32 [%rd1], %r3;";
    String read = "ld.shared.u32 %r2, [sh+64];\n";
    Lab.assertFails("never written", () -> lab.run(shared, read + use, 1, data));
    lab.run(shared, read, 1, data);
    lab.run(shared, "st.shared.u32 [sh+64], %r1;\n" + read + use, 1, data);
    String local = ".local .align 4 .b8 depot[8];\n";
    String load = "ld.local.u32 %r2, [depot+4];\n";
    Lab.assertFails("never written", () -> lab.run("", local + load + use, 1, data));
    lab.run("", local + "st.local.u32 [depot+4], %r1;\n" + load + use, 1, data);
  }

  @Test
  void findsAccessesBeyondSharedAndLocalMemory() {
    Lab lab = Lab.checked();
    String shared = ".shared .align 4 .b8 sh[256];";
    lab.run(shared, "st.shared.u32 [sh+252], %r1;", 1);
    Lab.assertFails(
        "byte 256 of 256 bytes of shared",
        () -> lab.run(shared, "st.shared.u32 [sh+256], %r1;", 1));
    String local = ".local .align 4 .b8 depot[8];\n";
    Lab.assertFails(
        "byte 8 of 8 bytes of local",
        () -> lab.run("", local + "st.local.u32 [depot+8], %r1;", 32));
  }

  @Test
  void findsRegistersNeverWritten() {
    Lab lab = Lab.checked();
    long data = lab.memory.allocate(4);
    String half = "setp.eq.u32 %p1, %r1, 0;\n@%p1 mov.b32 %r2, 7;\n";
    String store = "st.global.u32 [%rd1], %r2;";
    Lab.assertFails("register never written", () -> lab.run("", store, 1, data));
    Lab.assertFails(
        "register never written", () -> lab.run("", "add.u32 %r2, %r3, 1;\n" + store, 1, data));
    lab.run("", half + "@%p1 " + store, 2, data);
    Lab.assertFails("register never written", () -> lab.run("", half + store, 2, data));
    Lab.assertFails("guard", () -> lab.run("", "@%p3 bra L;\nL:", 1, data));
  }

  /** What an earlier launch left in registers and local memory does not count. */
  @Test
  void forgetsWhatEarlierLaunchesWrote() {
    Lab lab = Lab.checked();
    long data = lab.upload(1, 0);
    PtxModule module =
        Lab.module(
            "",
            1,
            """
            .local .align 4 .b8 depot[4];
            ld.global.u32 %r10, [%rd1];
            setp.eq.u32 %p1, %r10, 1;
            setp.ne.u32 %p2, %r10, 2;
            @%p1 st.local.u32 [depot], %r1;
            @%p2 mov.u32 %r11, 5;
            ld.local.u32 %r12, [depot];
            st.global.u32 [%rd1+4], %r11;
            @%p2 st.global.u32 [%rd1+4], %r12;
            """);
    lab.run(module, Dim3.of(1), Dim3.of(1), data);
    for (byte value : new byte[] {0, 2}) {
      lab.memory.fill(data, value, 1);
      Lab.assertFails("never written", () -> lab.run(module, Dim3.of(1), Dim3.of(1), data));
    }
  }

  @Test
  void ignoresUndefinedValuesThatAreNotChosen() {
    Lab lab = Lab.checked();
    long data = lab.memory.allocate(4);
    String choose = "setp.%s.u32 %p1, %r1, 0;\nselp.b32 %r2, %r1, %r3, %p1;\n";
    String store = "st.global.u32 [%rd1], %r2;";
    lab.run("", choose.replace("%s", "eq") + store, 1, data);
    Lab.assertFails(
        "register never written", () -> lab.run("", choose.replace("%s", "ne") + store, 1, data));
  }
}
