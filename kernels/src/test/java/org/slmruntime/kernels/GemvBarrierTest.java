package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slmruntime.ptx.PtxException;
import org.slmruntime.tensor.DType;

/** No barrier is there in vain, and the interpreter would miss each. */
class GemvBarrierTest {
  private static final Pattern BARRIER = Pattern.compile("(?m)^\\s*bar\\.sync[^;]*;");

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"Q4_0", "Q6_K", "BF16"})
  void everyBarrierIsNeeded(DType type) {
    String module = "gemv_" + type.name().toLowerCase(Locale.ROOT);
    String ptx = KernelLab.ptx(module);
    // Barriers of a product of few rows come apart from those of many.
    GemvCase few = several(type, 9);
    GemvCase many = several(type, 39);
    String entry = ptx.substring(ptx.indexOf(".entry " + module + "_1("));
    int from = ptx.length() - entry.length();
    int end = entry.indexOf(".entry", 1);
    int to = end < 0 ? ptx.length() : from + end;
    int found = 0;
    for (MatchResult barrier : BARRIER.matcher(ptx).results().toList()) {
      if (barrier.start() >= from && barrier.start() < to) {
        String without = ptx.substring(0, barrier.start()) + ptx.substring(barrier.end());
        boolean missed = fails(few, module, without) || fails(many, module, without);
        assertTrue(missed, "barrier " + found + " of " + module + ", seed " + seed);
        found++;
      }
    }
    assertTrue(found >= 2, module);
    assertFalse(fails(few, module, ptx) || fails(many, module, ptx), module + ", seed " + seed);
  }

  /** Rows longer than shared memory holds, several times for each warp. */
  private GemvCase several(DType type, int rows) {
    GemvCase gemv = new GemvCase(type, rows, 8192 + 256, random);
    gemv.threads = 64;
    gemv.blocks = 5;
    gemv.norm = true;
    return gemv.draw();
  }

  private boolean fails(GemvCase gemv, String module, String ptx) {
    try (KernelLab lab = new KernelLab(seed)) {
      lab.replace(module, ptx);
      gemv.run(lab, 1);
      return false;
    } catch (PtxException e) {
      return true;
    }
  }
}
