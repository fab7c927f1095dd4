package org.slmruntime.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AtomicsTest {
  private final int[] values = new Samples().random().ints(64).toArray();

  private int combine(String operation, int start) {
    Lab lab = Lab.checked();
    long target = lab.upload(start);
    long data = lab.upload(values);
    String body =
        "mul.wide.u32 %rd10, %r1, 4;\nadd.s64 %rd11, %rd2, %rd10;\nld.global.u32 %r2, [%rd11];\n"
            + operation
            + " [%rd1], %r2;";
    lab.run("", body, 64, target, data);
    return lab.ints(target, 1)[0];
  }

  @Test
  void combineAllThreads() {
    String seed = "seed " + Lab.SEED;
    assertEquals(7 + Arrays.stream(values).sum(), combine("red.global.add.u32", 7), seed);
    assertEquals(
        Arrays.stream(values).max().orElseThrow(),
        combine("atom.global.max.s32 %r3,", Integer.MIN_VALUE),
        seed);
    assertEquals(
        Arrays.stream(values).reduce(-1, (a, b) -> a & b), combine("atom.and.b32 %r3,", -1), seed);
    int least =
        Arrays.stream(values).reduce(-1, (a, b) -> Integer.compareUnsigned(a, b) < 0 ? a : b);
    assertEquals(least, combine("red.relaxed.gpu.global.min.u32", -1), seed);
  }

  @Test
  void addFloats() {
    Lab lab = Lab.checked();
    long target = lab.upload(0, 0);
    String body =
        """
        cvt.rn.f32.u32 %r2, %r1;
        red.global.add.f32 [%rd1], %r2;
        mov.u32 %r3, 0x3c004000;
        atom.global.add.noftz.f16x2 %r4, [%rd1+4], %r3;
        """;
    lab.run("", body, 64, target);
    int[] results = lab.ints(target, 2);
    assertEquals(63 * 32, Float.intBitsToFloat(results[0]));
    assertEquals(128, Exact.half(results[1] & 0xffff));
    assertEquals(64, Exact.half(results[1] >>> 16));
  }

  @Test
  void countWithoutLoss() {
    Lab lab = Lab.checked();
    long counter = lab.upload(0);
    long tickets = lab.upload(new int[256]);
    String body =
        """
        atom.global.inc.u32 %r2, [%rd1], 0xffffffff;
        mul.wide.u32 %rd10, %r2, 4;
        add.s64 %rd11, %rd2, %rd10;
        atom.global.exch.b32 %r3, [%rd11], 1;
        """;
    lab.run(Lab.module("", 2, body), Dim3.of(4), Dim3.of(64), counter, tickets);
    assertEquals(256, lab.ints(counter, 1)[0]);
    assertEquals(256, Arrays.stream(lab.ints(tickets, 256)).sum());
  }

  @Test
  void swapIfEqual() {
    Lab lab = Lab.checked();
    long lock = lab.upload(5L);
    lab.run(
        "",
        "atom.global.cas.b64 %rd2, [%rd1], 5, 9;\natom.global.cas.b64 %rd3, [%rd1], 5, 1;",
        1,
        lock);
    assertEquals(9, lab.longs(lock, 1)[0]);
  }

  @Test
  void workOnSharedMemory() {
    Lab lab = Lab.checked();
    long out = lab.memory.allocate(4);
    String body =
        """
        setp.eq.u32 %p1, %r1, 0;
        @%p1 st.shared.u32 [sh], %r1;
        bar.sync 0;
        atom.shared.add.u32 %r2, [sh], 3;
        BARRIER
        ld.shared.u32 %r3, [sh];
        @%p1 st.global.u32 [%rd1], %r3;
        """;
    String shared = ".shared .align 4 .b8 sh[4];";
    lab.run(shared, body.replace("BARRIER", "bar.sync 0;"), 96, out);
    assertEquals(288, lab.ints(out, 1)[0]);
    Lab.assertFails("race", () -> lab.run(shared, body.replace("BARRIER", ""), 96, out));
  }

  /** One block waits in a loop until another has written. */
  @Test
  void letBlocksWaitForEachOther() {
    String body =
        """
        mov.u32 %r2, %ctaid.x;
        setp.eq.u32 %p1, %r2, 1;
        @%p1 bra PRODUCE;
        WAIT:
        ld.acquire.gpu.global.u32 %r3, [%rd1];
        setp.eq.u32 %p2, %r3, 0;
        nanosleep.u32 20;
        @%p2 bra WAIT;
        ld.global.u32 %r4, [%rd2];
        st.global.u32 [%rd2+4], %r4;
        ret;
        PRODUCE:
        st.global.u32 [%rd2], 77;
        membar.gl;
        st.release.gpu.global.u32 [%rd1], 1;
        """;
    for (Lab lab : new Lab[] {Lab.fast(), Lab.checked()}) {
      long flag = lab.upload(0);
      long data = lab.upload(0, 0);
      lab.run(Lab.module("", 2, body), Dim3.of(2), Dim3.of(1), flag, data);
      assertEquals(77, lab.ints(data, 2)[1], "seed " + Lab.SEED);
    }
  }

  /** No block goes on before all have come: they must all have begun. */
  @Test
  void letAllBlocksWaitForTheLast() {
    String body =
        """
        atom.global.add.u32 %r2, [%rd1], 1;
        WAIT:
        ld.volatile.global.u32 %r3, [%rd1];
        setp.lt.u32 %p1, %r3, 20;
        @%p1 bra WAIT;
        """;
    for (Lab lab : new Lab[] {Lab.fast(), Lab.checked()}) {
      long counter = lab.upload(0);
      lab.run(Lab.module("", 1, body), Dim3.of(20), Dim3.of(1), counter);
      assertEquals(20, lab.ints(counter, 1)[0]);
    }
  }
}
