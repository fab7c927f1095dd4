package org.slmruntime.ptx;

import org.junit.jupiter.api.Test;

class RacesTest {
  private static final String SHARED = ".shared .align 16 .b8 sh[1024];";

  /** Each thread writes its word of shared memory, and its neighbour's address is in %r12. */
  private static final String WRITE_OWN =
      """
      mov.u32 %r10, sh;
      shl.b32 %r11, %r1, 2;
      add.s32 %r12, %r10, %r11;
      st.shared.u32 [%r12], %r1;
      xor.b32 %r13, %r11, DISTANCE;
      add.s32 %r12, %r10, %r13;
      """;

  private static void run(String body, int threads) {
    Lab.checked().run(SHARED, body, threads);
  }

  private static String otherWarp() {
    return WRITE_OWN.replace("DISTANCE", "128");
  }

  private static String otherLane() {
    return WRITE_OWN.replace("DISTANCE", "4");
  }

  @Test
  void findsReadsOfWhatAnotherWarpWrites() {
    run(otherWarp() + "bar.sync 0;\nld.shared.u32 %r2, [%r12];", 64);
    Lab.assertFails(
        "race", () -> run(initialized() + otherWarp() + "ld.shared.u32 %r2, [%r12];", 64));
  }

  /** The first warp writes all, so that no order of warps finds bytes never written. */
  private static String initialized() {
    return """
    setp.lt.u32 %p1, %r1, 32;
    shl.b32 %r20, %r1, 3;
    mov.u32 %r21, sh;
    add.s32 %r21, %r21, %r20;
    @%p1 st.shared.v2.u32 [%r21], {%r1, %r1};
    bar.sync 0;
    """;
  }

  @Test
  void findsWritesOfWhatAnotherWarpReads() {
    String read = initialized() + "mov.u32 %r10, sh;\nld.shared.u32 %r2, [sh];\n";
    String write = "setp.eq.u32 %p2, %r1, 32;\n@%p2 st.shared.u32 [sh], %r1;";
    run(read + "bar.sync 0;\n" + write, 64);
    Lab.assertFails("race", () -> run(read + write, 64));
  }

  @Test
  void findsWritesOfTwoWarps() {
    String write =
        "and.b32 %r2, %r1, 31;\nsetp.eq.u32 %p1, %r2, 0;\n@%p1 st.shared.u32 [sh], %r1;\n";
    run(write, 32);
    Lab.assertFails("race", () -> run(write, 64));
  }

  @Test
  void allowsWarpsToWriteBytesOfAWord() {
    String write =
        "mov.u32 %r2, sh;\nshr.u32 %r3, %r1, 5;\nadd.s32 %r2, %r2, %r3;\nand.b32 %r4, %r1, 31;\nsetp.eq.u32 %p1, %r4, 0;\n@%p1 st.shared.u8 [%r2], %r1;\n";
    run(write, 128);
    Lab.assertFails(
        "race", () -> run(write.replace("shr.u32 %r3, %r1, 5", "shr.u32 %r3, %r1, 6"), 128));
  }

  @Test
  void allowsLanesApartToUseBytesOfAWord() {
    String own =
        """
        setp.lt.u32 %p1, %r1, 2;
        mov.u32 %r2, sh;
        add.s32 %r2, %r2, %r1;
        @%p1 st.shared.u8 [%r2], %r1;
        @%p1 ld.shared.u8 %r3, [%r2];
        """;
    run(own, 32);
    String other = "xor.b32 %r4, %r1, 1;\nadd.s32 %r4, %r4, sh;\n@%p1 ld.shared.u8 %r3, [%r4];";
    Lab.assertFails("race", () -> run(own + other, 32));
    run(own + "bar.warp.sync -1;\n" + other, 32);
  }

  @Test
  void findsLanesThatWriteDifferentValuesToOneWord() {
    Lab.assertFails("race: lanes", () -> run("st.shared.u32 [sh], %r1;", 32));
    run("mov.u32 %r2, 5;\nst.shared.u32 [sh], %r2;", 32);
  }

  @Test
  void orderLanesThatNeverParted() {
    run(otherLane() + "ld.shared.u32 %r2, [%r12];", 32);
  }

  @Test
  void findsReadsOfWhatALaneElsewhereWrote() {
    String write = "setp.eq.u32 %p1, %r1, 0;\n@%p1 st.shared.u32 [sh], %r1;\n";
    String read = "ld.shared.u32 %r2, [sh];";
    Lab.assertFails("race", () -> run(write + read, 32));
    run(write + "bar.warp.sync 0xffffffff;\n" + read, 32);
    run(write + "bar.sync 0;\n" + read, 32);
  }

  @Test
  void followsNamedBarriers() {
    String pairs =
        """
        shr.u32 %r30, %r1, 6;
        add.u32 %r30, %r30, 1;
        """;
    run(pairs + otherWarp() + "bar.sync %r30, 64;\nld.shared.u32 %r2, [%r12];", 128);
    String far = initialized() + pairs + WRITE_OWN.replace("DISTANCE", "256");
    Lab.assertFails("race", () -> run(far + "bar.sync %r30, 64;\nld.shared.u32 %r2, [%r12];", 128));
  }

  @Test
  void ordersWhatCameBeforeAnArrival() {
    String produce =
        """
        setp.lt.u32 %p1, %r1, 32;
        @!%p1 bra CONSUME;
        shl.b32 %r11, %r1, 2;
        mov.u32 %r10, sh;
        add.s32 %r12, %r10, %r11;
        st.shared.u32 [%r12], %r1;
        bar.arrive 1, 64;
        AFTER
        bra END;
        CONSUME:
        bar.sync 1, 64;
        ld.shared.u32 %r2, [sh+4];
        END:
        """;
    run(produce.replace("AFTER", ""), 64);
    Lab.assertFails("race", () -> run(produce.replace("AFTER", "st.shared.u32 [%r12], %r11;"), 64));
  }

  private static void grid(String body, int blocks, int threads) {
    Lab lab = Lab.checked();
    long data = lab.upload(new int[256]);
    lab.run(Lab.module("", 1, body), Dim3.of(blocks), Dim3.of(threads), data);
  }

  @Test
  void findsBlocksThatWriteTheSame() {
    String body = "mov.u32 %r2, %ctaid.x;\nmul.wide.u32 %rd2, %r2, 4;\nadd.s64 %rd3, %rd1, %rd2;\n";
    grid(body + "st.global.u32 [%rd3], %r2;", 8, 1);
    Lab.assertFails(
        "race in global memory",
        () -> grid("mov.u32 %r2, %ctaid.x;\nst.global.u32 [%rd1], %r2;", 8, 1));
  }

  @Test
  void allowsBlocksToWriteEqualValues() {
    grid("mov.u32 %r2, 7;\nst.global.u32 [%rd1], %r2;", 8, 1);
  }

  @Test
  void findsBlocksThatReadWhatOthersWrite() {
    String body =
        """
        mov.u32 %r2, %ctaid.x;
        mul.wide.u32 %rd2, %r2, 4;
        add.s64 %rd3, %rd1, %rd2;
        ld.global.u32 %r3, [%rd3+OFFSET];
        st.global.u32 [%rd3], %r2;
        """;
    grid(body.replace("OFFSET", "0"), 8, 1);
    Lab.assertFails("race in global memory", () -> grid(body.replace("OFFSET", "4"), 8, 1));
  }

  @Test
  void allowsBlocksToWriteBytesOfAWord() {
    String body =
        """
        mov.u32 %r2, %ctaid.x;
        cvt.u64.u32 %rd2, %r2;
        add.s64 %rd3, %rd1, %rd2;
        ld.global.u8 %r3, [%rd3];
        st.global.u8 [%rd3], %r2;
        """;
    grid(body, 8, 1);
  }

  @Test
  void findsWarpsThatExchangeWithoutABarrier() {
    String body =
        """
        xor.b32 %r2, %r1, 32;
        mul.wide.u32 %rd2, %r1, 4;
        mul.wide.u32 %rd3, %r2, 4;
        add.s64 %rd4, %rd1, %rd2;
        add.s64 %rd5, %rd1, %rd3;
        st.global.u32 [%rd4], %r1;
        BARRIER
        ld.global.u32 %r3, [%rd5];
        """;
    grid(body.replace("BARRIER", "bar.sync 0;"), 1, 64);
    Lab.assertFails("race in global memory", () -> grid(body.replace("BARRIER", ""), 1, 64));
  }

  @Test
  void forgetsEarlierLaunches() {
    Lab lab = Lab.checked();
    long data = lab.upload(new int[256]);
    PtxModule write = Lab.module("", 1, "mov.u32 %r2, 1;\nst.global.u32 [%rd1], %r2;");
    PtxModule read = Lab.module("", 1, "ld.global.u32 %r2, [%rd1];");
    for (int i = 0; i < 3; i++) {
      lab.run(write, Dim3.of(1), Dim3.of(32), data);
      lab.run(read, Dim3.of(9), Dim3.of(32), data);
    }
  }

  /** The last block to come adds up what all wrote: fences and the counter order them. */
  @Test
  void allowsTheLastBlockToReadWhatOthersReleased() {
    String body =
        """
        mov.u32 %r2, %ctaid.x;
        mul.wide.u32 %rd2, %r2, 4;
        add.s64 %rd3, %rd1, %rd2;
        st.global.u32 [%rd3+4], %r2;
        FENCE
        atom.global.add.u32 %r3, [%rd1], 1;
        setp.ne.u32 %p1, %r3, 7;
        @%p1 bra END;
        ld.global.v2.u32 {%r4, %r5}, [%rd1+8];
        END:
        """;
    grid(body.replace("FENCE", "membar.gl;"), 8, 1);
    Lab.assertFails("race in global memory", () -> grid(body.replace("FENCE", ""), 8, 1));
  }
}
