package org.slmruntime.kernels;

import static org.slmruntime.kernels.CodePlanes.bits;
import static org.slmruntime.kernels.CodePlanes.crossedNibbles;
import static org.slmruntime.kernels.CodePlanes.crumbs;
import static org.slmruntime.kernels.CodePlanes.eightHalvedNibbles;
import static org.slmruntime.kernels.CodePlanes.fifthBits;
import static org.slmruntime.kernels.CodePlanes.halvedNibbles;
import static org.slmruntime.kernels.CodePlanes.pairedNibbles;
import static org.slmruntime.kernels.FieldPlanes.eights;
import static org.slmruntime.kernels.FieldPlanes.four;
import static org.slmruntime.kernels.FieldPlanes.two;
import static org.slmruntime.kernels.FieldPlanes.whole;
import static org.slmruntime.kernels.ScalePlanes.eightSigned;
import static org.slmruntime.kernels.ScalePlanes.pairs;
import static org.slmruntime.kernels.ScalePlanes.sixteenSigned;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.slmruntime.tensor.DType;

/** The planes of each format, in the order of the kernels' README. */
final class Planes {
  private static final Map<DType, List<Plane>> BY_TYPE = new EnumMap<>(DType.class);

  static {
    add(DType.F32, whole(4));
    add(DType.F16, whole(2));
    add(DType.BF16, whole(2));
    add(DType.Q8_0, eights(34, 2, 32), two(34, 0));
    add(DType.Q4_0, halvedNibbles(18, 2), two(18, 0));
    add(DType.Q4_1, halvedNibbles(20, 4), four(20, 0));
    add(DType.Q5_0, halvedNibbles(22, 6), fifthBits(22, 2), two(22, 0));
    add(DType.Q5_1, halvedNibbles(24, 8), fifthBits(24, 4), four(24, 0));
    add(DType.IQ4_NL, halvedNibbles(18, 2), two(18, 0));
    add(DType.IQ4_XS, eightHalvedNibbles(136, 8), eightSigned(136, 2), two(136, 0));
    add(DType.Q2_K, crumbs(84, 16), eights(84, 0, 16), four(84, 80));
    add(DType.Q3_K, crumbs(110, 32), bits(110, 0), sixteenSigned(110, 96), two(110, 108));
    add(DType.Q4_K, pairedNibbles(144, 16), pairs(144, 4), four(144, 0));
    add(DType.Q5_K, pairedNibbles(176, 48), bits(176, 16), pairs(176, 4), four(176, 0));
    add(DType.Q6_K, crossedNibbles(210, 0), crumbs(210, 128), eights(210, 192, 16), two(210, 208));
  }

  private Planes() {}

  private static void add(DType type, Plane... planes) {
    BY_TYPE.put(type, List.of(planes));
  }

  /** The planes of a format; none if there are no kernels for it. */
  static List<Plane> of(DType type) {
    return BY_TYPE.getOrDefault(type, List.of());
  }
}
