package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
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

  private static final int CONTEXT = 70;

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
      run.with(new AttentionLab(lab, random, shape, CONTEXT));
      return false;
    } catch (PtxException e) {
      return true;
    }
  }

  /** Without any one of the entry's orders, the run fails with at least one of the shapes. */
  private void needsAll(String module, String entry, String intact, Run run, Shape... shapes) {
    for (Shape shape : shapes) {
      assertFalse(fails(module, intact, shape, run), shape + ", seed " + seed);
    }
    List<String> weakened = weakened(intact);
    assertFalse(weakened.isEmpty());
    for (String ptx : weakened) {
      boolean found = Arrays.stream(shapes).anyMatch(shape -> fails(module, ptx, shape, run));
      assertTrue(found, entry + " without " + weakened.indexOf(ptx) + ", seed " + seed);
    }
  }

  private void decodingNeedsAll(String entry, Shape... shapes) {
    String combine = only(KernelLab.ptx("attention_decode"), "attention_combine");
    String intact =
        only(KernelLab.ptx("attention_decode"), entry)
            + combine.substring(combine.indexOf(".visible"));
    Run decode =
        attention -> {
          Tokens tokens = attention.tokens(new int[] {0}, new int[] {CONTEXT - 1});
          attention.decode(entry, tokens, Options.PLAIN, 1);
        };
    needsAll("attention_decode", entry, intact, decode, shapes);
  }

  @Test
  void decodingNeedsEveryBarrierAndWait() {
    for (CacheFormat format : CacheFormat.values()) {
      Shape two = Shape.of(format, 2, 1, 64, 16);
      Shape four = Shape.of(format, 3, 1, 64, 16);
      Shape eight = Shape.of(format, 8, 1, 64, 16);
      decodingNeedsAll("attention_" + format.suffix() + "_64", two, four, eight);
    }
  }

  @Test
  void decodingWithAnySizesNeedsEveryBarrierAndWait() {
    CacheFormat format = CacheFormat.values()[random.nextInt(3)];
    Shape small = Shape.of(format, 8, 1, 80, 16);
    Shape middle = Shape.of(format, 8, 1, 200, 16);
    Shape wide = Shape.of(format, 8, 1, 300, 16);
    decodingNeedsAll("attention_" + format.suffix() + "_any", small, middle, wide);
  }

  @Test
  void prefillNeedsEveryBarrierAndWait() {
    Run prefill =
        attention -> {
          int[] positions = new int[40];
          for (int t = 0; t < 40; t++) {
            positions[t] = CONTEXT - 40 + t;
          }
          Tokens tokens = attention.tokens(new int[40], positions);
          attention.prefill(tokens, Options.PLAIN, new int[] {0, 40, 0, CONTEXT - 40});
        };
    for (CacheFormat format : new CacheFormat[] {CacheFormat.F16, CacheFormat.Q8_0}) {
      for (int size : new int[] {64, 128}) {
        String entry = "attention_prefill_" + format.suffix() + "_" + size;
        String intact = only(KernelLab.ptx("attention_prefill"), entry);
        needsAll("attention_prefill", entry, intact, prefill, Shape.of(format, 1, 1, size, 16));
      }
    }
  }
}
