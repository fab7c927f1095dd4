package org.slmruntime.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DivergenceTest {
  private static final int THREADS = 96;

  private final Samples samples = new Samples();

  private interface Formula {
    long of(long a);
  }

  private void check(String body, Formula formula) {
    long[] values = samples.longs(THREADS);
    long[] results = Lab.perThread(body, values);
    for (int i = 0; i < THREADS; i++) {
      assertEquals(formula.of(values[i]), results[i], "value " + values[i] + ", seed " + Lab.SEED);
    }
  }

  @Test
  void loopsAsOftenAsEachLaneNeeds() {
    check(
        """
        and.b32 %r2, %r10, 63;
        mov.u32 %r20, 1;
        LOOP:
        setp.eq.u32 %p1, %r2, 0;
        @%p1 bra END;
        mad.lo.u32 %r20, %r20, 3, %r2;
        sub.u32 %r2, %r2, 1;
        bra.uni LOOP;
        END:
        mov.b32 %r20, %r20;
        """,
        a -> {
          int result = 1;
          for (int i = (int) a & 63; i != 0; i--) {
            result = result * 3 + i;
          }
          return result & 0xffffffffL;
        });
  }

  @Test
  void branchesWithinBranches() {
    check(
        """
        and.b32 %r2, %r10, 1;
        setp.eq.u32 %p1, %r2, 0;
        and.b32 %r3, %r10, 2;
        setp.eq.u32 %p2, %r3, 0;
        @%p1 bra EVEN;
        @!%p2 bra THREE;
        mov.u32 %r20, 10;
        bra END;
        THREE:
        mov.u32 %r20, 30;
        bra END;
        EVEN:
        mov.u32 %r20, 20;
        @%p2 mov.u32 %r20, 0;
        END:
        add.u32 %r20, %r20, 1;
        """,
        a -> 1 + 10 * (a & 3));
  }

  /** After the paths meet, all lanes vote together. */
  @Test
  void bringsPathsTogetherWhereTheyJoin() {
    check(
        """
        and.b32 %r2, %r10, 1;
        setp.eq.u32 %p1, %r2, 0;
        @%p1 bra L;
        add.u32 %r2, %r2, 1;
        L:
        activemask.b32 %r20;
        """,
        a -> 0xffffffffL);
  }

  private static final String FUNCTION =
      """
      .func (.param .b32 result) scale(.param .b32 x, .param .align 8 .b8 pair[8])
      {
      .local .align 4 .b8 depot[4];
      .reg .b32 %r<9>;
      .reg .pred %p<2>;
      ld.param.u32 %r1, [x];
      ld.param.u32 %r2, [pair+4];
      setp.gt.s32 %p1, %r1, 0;
      @%p1 bra L;
      st.param.b32 [result+0], %r2;
      ret;
      L:
      st.local.u32 [depot], %r1;
      ld.local.u32 %r3, [depot];
      mul.lo.u32 %r4, %r3, %r2;
      st.param.b32 [result+0], %r4;
      ret;
      }
      """;

  private static String call(String argument, String result) {
    return """
    {
    .reg .b32 temp;
    .param .b32 param0;
    st.param.b32 [param0+0], %s;
    .param .align 8 .b8 param1[8];
    st.param.b32 [param1+4], 5;
    .param .b32 retval0;
    call.uni (retval0), scale, (param0, param1);
    ld.param.b32 %s, [retval0+0];
    }
    """
        .formatted(argument, result);
  }

  @Test
  void callsFunctions() {
    Lab lab = Lab.checked();
    int[] values = samples.random().ints(64, -9, 10).toArray();
    long data = lab.upload(values);
    Counters counters =
        lab.run(
            FUNCTION,
            "mul.wide.u32 %rd10, %r1, 4;\nadd.s64 %rd11, %rd1, %rd10;\nld.global.u32 %r10, [%rd11];\n"
                + call("%r10", "%r11")
                + call("%r11", "%r12")
                + "st.global.u32 [%rd11], %r12;",
            64,
            data);
    assertTrue(counters.localAccesses() <= 2 * 2 * 2, "arguments are not in local memory");
    int[] results = lab.ints(data, 64);
    for (int i = 0; i < 64; i++) {
      int once = values[i] > 0 ? values[i] * 5 : 5;
      assertEquals(once * 5, results[i], "value " + values[i] + ", seed " + Lab.SEED);
    }
  }

  @Test
  void stopsEndlessRecursionWhenParsing() {
    String recursive = FUNCTION.replace("mul.lo.u32 %r4, %r3, %r2;", call("%r3", "%r4"));
    Lab.assertFails("calls itself", () -> Lab.module(recursive, 0, call("%r1", "%r2")));
  }
}
