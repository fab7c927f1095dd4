package org.slmruntime.gpuparity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.slmruntime.cuda.testing.DeviceOptions;
import org.slmruntime.cuda.testing.InterpretedDriver;
import org.slmruntime.kernels.KernelCatalog;
import org.slmruntime.kernels.KernelSignature;
import org.slmruntime.ptx.PtxOptions;

class KernelComparisonTest {
  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  @Test
  void hasACaseForEveryKernel() {
    Set<String> cases =
        KernelCases.all().stream()
            .map(KernelCase::kernel)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> kernels =
        KernelCatalog.load().all().stream()
            .map(KernelSignature::entry)
            .collect(Collectors.toCollection(TreeSet::new));
    kernels.removeAll(cases);
    // These run as parts of the cases of others, which show what they wrote.
    kernels.removeAll(
        Set.of("prepare_int16", "prepare_split_f16", "prepare_split_bf16", "attention_combine"));
    assertEquals(Set.of(), kernels);
  }

  /** Although one rounds where a compiler or a GPU is free to. */
  @Test
  void findsThatTwoInterpretersAgreeOnEveryKernel() {
    DeviceOptions free = options(seed).withPtx(new PtxOptions(seed, false, false, 2));
    SectionResult result = compare(KernelCases.all(), new InterpretedDriver(free));
    assertTrue(result.passed(), () -> Report.markdown(List.of(result)));
  }

  @Test
  void findsThatADeviceRepeatsItselfToTheBit() {
    List<KernelCase> some = PointwiseCases.all();
    SectionResult result = compare(some, new InterpretedDriver(options(seed)), true);
    assertTrue(result.passed(), () -> Report.markdown(List.of(result)));
  }

  @Test
  void wantsTheSameBitsWhereItIsAskedTo() {
    AtomicInteger runs = new AtomicInteger();
    KernelCase drifting =
        new KernelCase(
            "drifting",
            "",
            (_, _) -> {
              byte last = (byte) runs.incrementAndGet();
              return List.of(KernelCase.Output.close("y", new byte[] {last, 0, 0, 0x3f}));
            });
    List<KernelCase> one = List.of(drifting);
    assertTrue(compare(one, new InterpretedDriver(options(seed)), false).passed());
    assertFalse(compare(one, new InterpretedDriver(options(seed)), true).passed());
  }

  @Test
  void saysThatAKernelFailedAndGoesOn() {
    InterpretedDriver broken = new InterpretedDriver(options(seed));
    broken.failAllocation(1);
    List<KernelCase> two = PointwiseCases.all().subList(3, 5);
    SectionResult result = compare(two, broken);
    assertFalse(result.passed());
    assertEquals(List.of(false, true), result.rows().stream().map(r -> r.get("passed")).toList());
    assertTrue(result.rows().getFirst().get("found").toString().contains("cuMemAlloc"));
  }

  @Test
  void endsWhenTheDeviceIsLost() {
    InterpretedDriver broken = new InterpretedDriver(options(seed));
    broken.failKernel(2);
    SectionResult result = compare(PointwiseCases.all().subList(3, 6), broken);
    assertFalse(result.passed());
    assertEquals(List.of(true, false), result.rows().stream().map(r -> r.get("passed")).toList());
  }

  @Test
  void doesNotAcceptADifferenceBeyondTheTolerance() {
    KernelCase.Output exact = KernelCase.Output.exact("x", new byte[] {1, 2, 3, 4});
    KernelCase.Output other = KernelCase.Output.exact("x", new byte[] {1, 2, 3, 5});
    assertTrue(Difference.of(exact, exact).accepted());
    assertFalse(Difference.of(exact, other).accepted());
    KernelCase.Output one = KernelCase.Output.close("y", new byte[] {0, 0, (byte) 0x80, 0x3f});
    KernelCase.Output next = KernelCase.Output.close("y", new byte[] {1, 0, (byte) 0x80, 0x3f});
    KernelCase.Output far = KernelCase.Output.close("y", new byte[] {0, 1, (byte) 0x80, 0x3f});
    KernelCase.Output nan = KernelCase.Output.close("y", new byte[] {0, 0, (byte) 0xc0, 0x7f});
    assertTrue(Difference.of(one, next).accepted());
    assertFalse(Difference.of(one, far).accepted());
    assertFalse(Difference.of(one, nan).accepted());
  }

  private SectionResult compare(List<KernelCase> cases, InterpretedDriver actual) {
    return compare(cases, actual, false);
  }

  private SectionResult compare(
      List<KernelCase> cases, InterpretedDriver actual, boolean sameBits) {
    try (InterpretedDriver expected = new InterpretedDriver(options(seed));
        actual) {
      return new KernelComparison(seed, sameBits).compare("kernels", cases, expected, actual);
    }
  }

  private static DeviceOptions options(long seed) {
    return DeviceOptions.fast(seed);
  }
}
