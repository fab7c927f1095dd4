package org.slmruntime.gpuparity;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuException;
import org.slmruntime.cuda.kernel.GpuKernels;
import org.slmruntime.gpuparity.KernelCase.Output;

/** Runs the same launches on two devices and compares what they wrote. */
final class KernelComparison {
  private final long seed;
  private final boolean sameBits;
  private final List<Map<String, Object>> rows = new ArrayList<>();
  private int failures;

  /**
   * @param seed of the inputs
   * @param sameBits whether every bit must be the same, as on a device and itself; otherwise each
   *     output's tolerance counts
   */
  KernelComparison(long seed, boolean sameBits) {
    this.seed = seed;
    this.sameBits = sameBits;
  }

  /** Compares all; goes on after a failure unless the device is lost. */
  SectionResult compare(String name, List<KernelCase> cases, GpuDriver expected, GpuDriver actual) {
    try (GpuKernels reference = new GpuKernels(expected);
        GpuKernels tested = new GpuKernels(actual)) {
      for (int i = 0; i < cases.size(); i++) {
        if (!compare(cases.get(i), new Pair(expected, reference), new Pair(actual, tested), i)) {
          break;
        }
      }
    }
    String summary =
        rows.size() + " of " + cases.size() + " cases ran, " + failures + " failed, seed " + seed;
    boolean passed = failures == 0 && rows.size() == cases.size();
    return new SectionResult(name, passed, summary, rows);
  }

  private record Pair(GpuDriver driver, GpuKernels kernels) {
    List<Output> run(KernelCase test, long seed) {
      RandomGenerator random = new SplittableRandom(seed);
      driver.makeCurrent();
      try (Lab lab = new Lab(driver, kernels)) {
        return test.body().run(lab, random);
      }
    }
  }

  /** Whether the device is still there. */
  private boolean compare(KernelCase test, Pair expected, Pair actual, int index) {
    boolean alive = true;
    boolean passed = false;
    String told;
    try {
      List<Output> left = expected.run(test, seed + index);
      List<Output> right = actual.run(test, seed + index);
      passed = true;
      List<String> parts = new ArrayList<>();
      for (int i = 0; i < left.size(); i++) {
        Difference difference = Difference.of(left.get(i), right.get(i));
        passed &= sameBits ? difference.equal() : difference.accepted();
        parts.add(difference.told(left.get(i)));
      }
      told = String.join(", ", parts);
    } catch (GpuException e) {
      alive = !e.isSticky();
      told = e.getMessage();
    } catch (RuntimeException e) {
      told = e.toString();
    }
    add(test, passed, told);
    return alive;
  }

  private void add(KernelCase test, boolean passed, String told) {
    failures += passed ? 0 : 1;
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("kernel", test.kernel());
    row.put("shape", test.shape());
    row.put("passed", passed);
    row.put("found", told);
    rows.add(row);
  }
}
