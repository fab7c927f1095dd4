package org.slmruntime.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class AsyncCopiesTest {
  private static final String SHARED = ".shared .align 16 .b8 sh[2048];";

  /** Thread i copies 16 bytes to its place: source in %rd11, target in %r12. */
  private static final String COPY =
      """
      mul.wide.u32 %rd10, %r1, 16;
      add.s64 %rd11, %rd1, %rd10;
      add.s64 %rd13, %rd2, %rd10;
      mov.u32 %r10, sh;
      shl.b32 %r11, %r1, 4;
      add.s32 %r12, %r10, %r11;
      cp.async.cg.shared.global.L2::128B [%r12], [%rd11], 16;
      cp.async.commit_group;
      """;

  private static final String USE =
      """
      ld.shared.v4.u32 {%r20, %r21, %r22, %r23}, [%r12];
      st.global.v4.u32 [%rd13], {%r20, %r21, %r22, %r23};
      """;

  private final int[] values = new Samples().random().ints(256).toArray();

  private int[] run(String body, int threads) {
    int[] results = null;
    for (Lab lab : new Lab[] {Lab.fast(), Lab.checked()}) {
      long in = lab.upload(values);
      long out = lab.upload(new int[256]);
      lab.run(SHARED, body, threads, in, out);
      results = lab.ints(out, 256);
    }
    return results;
  }

  @Test
  void deliversToTheThreadThatWaits() {
    int[] results = run(COPY + "cp.async.wait_group 0;\n" + USE, 64);
    for (int i = 0; i < 256; i++) {
      assertEquals(values[i], results[i], "word " + i + ", seed " + Lab.SEED);
    }
  }

  @Test
  void findsMissingWaits() {
    Lab.assertFails("before cp.async.wait", () -> run(COPY + USE, 64));
    Lab.assertFails("before cp.async.wait", () -> run(COPY + "cp.async.wait_group 1;\n" + USE, 64));
    run(COPY + "cp.async.wait_all;\n" + USE, 64);
  }

  @Test
  void completesTheOldestGroups() {
    String second = "cp.async.ca.shared.global [%r12+1024], [%rd11], 8;\ncp.async.commit_group;\n";
    run(COPY + second + "cp.async.wait_group 1;\n" + USE, 64);
    Lab.assertFails(
        "before cp.async.wait",
        () -> run(COPY + second + "cp.async.wait_group 1;\nld.shared.u32 %r2, [%r12+1024];", 64));
    run(COPY + second + "cp.async.wait_group 0;\nld.shared.u32 %r2, [%r12+1024];", 64);
  }

  @Test
  void findsWritesToWhatIsUnderWay() {
    Lab.assertFails(
        "written before cp.async.wait", () -> run(COPY + "st.shared.u32 [%r12], %r1;", 32));
    Lab.assertFails("written before cp.async.wait", () -> run(COPY + COPY, 32));
    run(COPY + "cp.async.wait_group 0;\nst.shared.u32 [%r12], %r1;" + COPY, 32);
  }

  /** Waiting shows a thread its own bytes; for those of others it takes a barrier, too. */
  @Test
  void needsABarrierForOtherThreads() {
    String other = "xor.b32 %r11, %r11, DISTANCE;\nadd.s32 %r12, %r10, %r11;\n" + USE;
    String wait = COPY + "cp.async.wait_group 0;\n";
    for (String distance : new String[] {"16", "512"}) {
      String use = other.replace("DISTANCE", distance);
      run(wait + "bar.sync 0;\n" + use, 64);
      String again = wait + "bar.sync 0;\n" + wait;
      Lab.assertFails("shared memory", () -> run(again + use, 64));
    }
    run(wait + "bar.warp.sync 0xffffffff;\n" + other.replace("DISTANCE", "16"), 64);
  }

  @Test
  void needsABarrierBeforeItOverwritesWhatOthersRead() {
    String others =
        "xor.b32 %r13, %r11, 512;\nadd.s32 %r13, %r10, %r13;\nld.shared.u32 %r14, [%r13];\n";
    String first = COPY + "cp.async.wait_group 0;\nbar.sync 0;\n" + others;
    run(first + "bar.sync 0;\n" + COPY, 64);
    Lab.assertFails("shared memory", () -> run(first + COPY, 64));
  }

  @Test
  void fillsWithZeros() {
    String partial = COPY.replace("[%rd11], 16;", "[%rd11], 16, %r30;");
    int[] results =
        run(
            "shl.b32 %r30, %r1, 2;\nand.b32 %r30, %r30, 15;\n"
                + partial
                + "cp.async.wait_all;\n"
                + USE,
            64);
    for (int i = 0; i < 256; i++) {
      int words = i / 4 & 3;
      assertEquals(i % 4 < words ? values[i] : 0, results[i], "word " + i + ", seed " + Lab.SEED);
    }
  }

  @Test
  void readsNothingWhereItCopiesNothing() {
    String nothing =
        COPY.replace("add.s64 %rd11, %rd1, %rd10;", "mov.u64 %rd11, 0;")
            .replace("[%rd11], 16;", "[%rd11], 16, %r30;");
    String tail = "cp.async.wait_all;\n" + USE;
    int[] results = run("mov.u32 %r30, 0;\n" + nothing + tail, 64);
    assertEquals(0, results[0]);
    Lab.assertFails("out of bounds", () -> run("mov.u32 %r30, 4;\n" + nothing + tail, 64));
  }

  @Test
  void findsCopiesBeyondSharedMemory() {
    Lab.assertFails(
        "of 2048 bytes of shared memory", () -> run(COPY.replace("[%r12]", "[%r12+2032]"), 32));
    Lab.assertFails("misaligned", () -> run(COPY.replace("[%r12]", "[%r12+8]"), 32));
    Lab.assertFails("misaligned", () -> run(COPY.replace("[%rd11]", "[%rd11+8]"), 32));
  }
}
