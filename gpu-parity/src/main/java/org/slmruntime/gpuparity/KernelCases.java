package org.slmruntime.gpuparity;

import java.util.List;
import java.util.stream.Stream;

/** Every kernel with random inputs. */
final class KernelCases {
  private KernelCases() {}

  static List<KernelCase> all() {
    return Stream.of(
            LinearCases.all(),
            PrepareCases.all(),
            CacheCases.all(),
            AttentionCases.all(),
            PointwiseCases.all(),
            SamplingCases.all())
        .flatMap(List::stream)
        .toList();
  }
}
