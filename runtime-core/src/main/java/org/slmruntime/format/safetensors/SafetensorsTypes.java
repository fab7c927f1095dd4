package org.slmruntime.format.safetensors;

import java.util.Map;
import java.util.Optional;
import org.slmruntime.tensor.DType;

/** The format's names of element types. */
final class SafetensorsTypes {
  private static final Map<String, DType> BY_NAME =
      Map.of(
          "F64", DType.F64,
          "F32", DType.F32,
          "F16", DType.F16,
          "BF16", DType.BF16,
          "I64", DType.I64,
          "I32", DType.I32,
          "I16", DType.I16,
          "I8", DType.I8);

  private SafetensorsTypes() {}

  static Optional<DType> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /** Our names of these types are the format's. */
  static boolean has(DType type) {
    return BY_NAME.containsValue(type);
  }
}
