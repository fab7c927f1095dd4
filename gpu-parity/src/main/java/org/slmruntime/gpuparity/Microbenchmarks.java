package org.slmruntime.gpuparity;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuException;
import org.slmruntime.cuda.kernel.GpuKernels;
import org.slmruntime.tensor.DType;

/** Every kernel's speed against what the device's memory and launches allow. */
final class Microbenchmarks {
  private static final List<DType> MANY_TOKENS =
      List.of(DType.Q4_0, DType.Q8_0, DType.Q4_K, DType.Q6_K, DType.F16, DType.BF16, DType.F32);

  /** Of a context. */
  private static final int[] SPLITS = {8, 16, 32, 64};

  private final GpuDriver driver;
  private final GpuKernels kernels;
  private final Sizes sizes;
  private final List<Map<String, Object>> rows = new ArrayList<>();
  private double copy;
  private int failures;
  private boolean lost;

  private Microbenchmarks(GpuDriver driver, GpuKernels kernels, Sizes sizes) {
    this.driver = driver;
    this.kernels = kernels;
    this.sizes = sizes;
  }

  /** Measures all; what fails is a row that says so. */
  static SectionResult run(GpuDriver driver, Sizes sizes) {
    try (GpuKernels kernels = new GpuKernels(driver)) {
      return new Microbenchmarks(driver, kernels, sizes).run();
    }
  }

  private SectionResult run() {
    driver.makeCurrent();
    SmallSpeed small = new SmallSpeed(sizes);
    several("copy", lab -> List.of(small.copy(lab)));
    several("launches", small::launches);
    several("last kernels", small::lastKernels);
    several("sample", lab -> List.of(small.sample(lab)));
    GemvSpeed gemv = new GemvSpeed(sizes);
    all(LinearCases.QUANTIZED, "gemv", (type, lab) -> gemv.run(lab, type, 1));
    all(LinearCases.PLAIN, "gemv", (type, lab) -> gemv.run(lab, type, 1));
    all(MANY_TOKENS, "gemv of 8", (type, lab) -> gemv.run(lab, type, 8));
    PrefillSpeed prefill = new PrefillSpeed(sizes);
    all(MANY_TOKENS, "gemm", (type, lab) -> prefill.own(lab, type));
    all(MANY_TOKENS, "dequantize", (type, lab) -> List.of(prefill.dequantize(lab, type)));
    several("cuBLAS", lab -> prefill.library(lab).stream().toList());
    attention();
    String told = rows.size() + " measurements, " + failures + " failed";
    return new SectionResult("speed", failures == 0, told, rows);
  }

  private void attention() {
    AttentionSpeed attention = new AttentionSpeed(sizes);
    for (int splits : SPLITS) {
      several("combine", lab -> List.of(attention.combine(lab, splits)));
    }
    for (String type : List.of("f16", "q8_0")) {
      several("append " + type, lab -> List.of(attention.append(lab, type)));
      for (int context : sizes.contexts()) {
        for (int splits : SPLITS) {
          several(
              "attention " + type, lab -> List.of(attention.decode(lab, type, context, splits)));
        }
      }
      several("prefill " + type, lab -> List.of(attention.prefill(lab, type)));
    }
  }

  /** Measures something of a format. */
  @FunctionalInterface
  private interface OfType {
    List<Measurement> run(DType type, Lab lab);
  }

  private void all(List<DType> types, String what, OfType measure) {
    types.forEach(type -> several(what + " " + type, lab -> measure.run(type, lab)));
  }

  private void several(String what, Function<Lab, List<Measurement>> measure) {
    if (lost) {
      return;
    }
    try (Lab lab = new Lab(driver, kernels)) {
      measure.apply(lab).forEach(this::add);
    } catch (GpuException e) {
      lost = e.isSticky();
      failed(what, e);
    } catch (RuntimeException e) {
      failed(what, e);
    }
  }

  private void add(Measurement measurement) {
    if (measurement.kernel().equals("copy")) {
      copy = measurement.gigabytesPerSecond();
    }
    rows.add(measurement.row(copy));
  }

  private void failed(String what, RuntimeException e) {
    failures++;
    Map<String, Object> row = new LinkedHashMap<>(new Measurement(what, "", 0, 0, 0).row(0));
    row.put("shape", "failed: " + e);
    rows.add(row);
  }
}
