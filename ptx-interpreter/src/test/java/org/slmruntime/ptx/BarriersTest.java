package org.slmruntime.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class BarriersTest {
  private static Counters run(String body, int threads) {
    return Lab.checked().run("", body, threads);
  }

  @Test
  void waitForAllWarps() {
    assertEquals(2, run("bar.sync 0;\nbarrier.sync 1;", 256).barriers());
  }

  @Test
  void doNotWaitForThreadsThatHaveEnded() {
    run("setp.lt.u32 %p1, %r1, 40;\n@%p1 exit;\nbar.sync 0;", 96);
    run("setp.ge.u32 %p1, %r1, 32;\n@%p1 ret;\nbar.sync 0;", 96);
  }

  @Test
  void findWarpsAtDifferentBarriers() {
    String body =
        """
        setp.lt.u32 %p1, %r1, 32;
        @%p1 bra FIRST;
        bar.sync 0;
        bra END;
        FIRST:
        bar.sync 0;
        END:
        """;
    Lab.assertFails("barrier divergence", () -> run(body, 64));
    run(body, 32);
  }

  @Test
  void findLanesAtDifferentBarriers() {
    String body =
        """
        setp.lt.u32 %p1, %r1, 16;
        @%p1 bra FIRST;
        bar.sync 0;
        bra END;
        FIRST:
        bar.sync 0;
        END:
        """;
    Lab.assertFails("wait for each other at different places", () -> run(body, 32));
  }

  @Test
  void findDeadlocks() {
    String body = "setp.lt.u32 %p1, %r1, 32;\n@%p1 bra L;\nbar.sync 1, COUNT;\nL:\nbar.sync 0;";
    run(body.replace("COUNT", "64"), 96);
    Lab.assertFails("deadlock", () -> run(body.replace("COUNT", "96"), 96));
    Lab.assertFails(
        "warp 1 waiting [line 15: bar.sync 1, 96]", () -> run(body.replace("COUNT", "96"), 96));
    Lab.assertFails("more than the block has", () -> run(body.replace("COUNT", "128"), 96));
    Lab.assertFails("multiple of 32", () -> run(body.replace("COUNT", "65"), 96));
  }

  @Test
  void countVotes() {
    Lab lab = Lab.checked();
    long out = lab.upload(new int[128 * 2]);
    lab.run(
        "",
        """
        mul.wide.u32 %rd10, %r1, 8;
        add.s64 %rd11, %rd1, %rd10;
        setp.lt.u32 %p1, %r1, 50;
        bar.red.popc.u32 %r10, 0, %p1;
        bar.red.or.pred %p2, 1, !%p1;
        selp.u32 %r11, 1, 0, %p2;
        st.global.v2.u32 [%rd11], {%r10, %r11};
        """,
        128,
        out);
    int[] results = lab.ints(out, 256);
    for (int i = 0; i < 128; i++) {
      assertEquals(50, results[2 * i], "thread " + i);
      assertEquals(1, results[2 * i + 1], "thread " + i);
    }
  }
}
