package org.slmruntime.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class HintsTest {
  @Test
  void changeNothing() {
    Lab lab = Lab.checked();
    long data = lab.upload(7, 0);
    lab.run(
        "",
        """
        griddepcontrol.wait;
        prefetch.global.L2 [%rd1];
        createpolicy.fractional.L2::evict_first.b64 %rd2, 1.0;
        membar.cta;
        fence.acq_rel.gpu;
        nanosleep.u32 100;
        ld.global.L2::cache_hint.u32 %r2, [%rd1], %rd2;
        mov.u64 %rd3, %clock64;
        griddepcontrol.launch_dependents;
        st.global.u32 [%rd1+4], %r2;
        """,
        1,
        data);
    assertEquals(7, lab.ints(data, 2)[1]);
  }

  @Test
  void trapsStopTheKernel() {
    Lab lab = Lab.checked();
    String body = "setp.eq.u32 %p1, %r1, 40;\n@%p1 trap;";
    lab.run("", body, 40);
    Lab.assertFails("warp 1, lane 8: trap", () -> lab.run("", body, 41));
  }

  @Test
  void endlessLoopsAreStopped() {
    Lab.assertFails("does not come to an end", () -> Lab.fast().run("", "LOOP:\nbra.uni LOOP;", 1));
  }
}
