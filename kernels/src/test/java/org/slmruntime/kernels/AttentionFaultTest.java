package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.slmruntime.kernels.AttentionLab.Options;
import org.slmruntime.kernels.AttentionLab.Shape;
import org.slmruntime.kernels.AttentionLab.Tokens;
import org.slmruntime.ptx.PtxException;

/** Every barrier and every wait for a copy is needed: without it a fault is found. */
class AttentionFaultTest {
  private static final Pattern ORDER =
      Pattern.compile("(?m)^\\s*(bar\\.sync|cp\\.async\\.wait_group)[^;]*;");

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  /** A module's text with one entry only. */
  private static String only(String ptx, String entry) {
    int first = ptx.indexOf(".visible .entry ");
    int start = ptx.indexOf(".visible .entry " + entry + "(");
    int end = ptx.indexOf(".visible .entry ", start + 1);
    return ptx.substring(0, first) + ptx.substring(start, end < 0 ? ptx.length() : end);
  }

  /** The text without each of its barriers and waits in turn. */
  private static List<String> weakened(String ptx) {
    List<String> all = new ArrayList<>();
    Matcher matcher = ORDER.matcher(ptx);
    while (matcher.find()) {
      all.add(ptx.substring(0, matcher.start()) + ptx.substring(matcher.end()));
    }
    return all;
  }

  private interface Run {
    void with(AttentionLab attention);
  }

  private boolean fails(String module, String ptx, Shape shape, Run run) {
    try (KernelLab lab = new KernelLab(seed)) {
      lab.replace(module, ptx);
      run.with(new AttentionLab(lab, random, shape, 70));
      return false;
    } catch (PtxException e) {
      return true;
    }
  }

  @Test
  void decodingNeedsEveryBarrierAndWait() {
    for (CacheFormat format : new CacheFormat[] {CacheFormat.F16, CacheFormat.Q8_0}) {
      String entry = "attention_" + format.suffix() + "_64";
      String intact = only(KernelLab.ptx("attention_decode"), entry);
      String combine = only(KernelLab.ptx("attention_decode"), "attention_combine");
      intact += combine.substring(combine.indexOf(".visible"));
      Shape few = Shape.of(format, 3, 1, 64, 16);
      Shape many = Shape.of(format, 8, 1, 64, 16);
      Run decode =
          attention -> {
            Tokens tokens = attention.tokens(new int[] {0}, new int[] {69});
            attention.decode(entry, tokens, Options.PLAIN, 1);
          };
      assertEquals(false, fails("attention_decode", intact, few, decode), "seed " + seed);
      assertEquals(false, fails("attention_decode", intact, many, decode), "seed " + seed);
      List<String> weakened = weakened(intact);
      assertEquals(7, weakened.size());
      for (String ptx : weakened) {
        boolean found =
            fails("attention_decode", ptx, few, decode)
                || fails("attention_decode", ptx, many, decode);
        assertTrue(found, entry + ": " + weakened.indexOf(ptx) + ", seed " + seed);
      }
    }
  }

  @Test
  void prefillNeedsEveryBarrierAndWait() {
    for (CacheFormat format : new CacheFormat[] {CacheFormat.F16, CacheFormat.Q8_0}) {
      for (int size : new int[] {64, 128}) {
        String entry = "attention_prefill_" + format.suffix() + "_" + size;
        String intact = only(KernelLab.ptx("attention_prefill"), entry);
        Shape shape = Shape.of(format, 1, 1, size, 16);
        Run prefill =
            attention -> {
              int[] positions = new int[40];
              for (int t = 0; t < 40; t++) {
                positions[t] = 30 + t;
              }
              Tokens tokens = attention.tokens(new int[40], positions);
              attention.prefill(tokens, Options.PLAIN, new int[] {0, 40, 0, 30});
            };
        assertEquals(false, fails("attention_prefill", intact, shape, prefill), "seed " + seed);
        List<String> weakened = weakened(intact);
        assertEquals(2, weakened.size());
        for (String ptx : weakened) {
          boolean found = fails("attention_prefill", ptx, shape, prefill);
          assertTrue(found, entry + ": " + weakened.indexOf(ptx) + ", seed " + seed);
        }
      }
    }
  }
}
