package org.slmruntime.quant;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slmruntime.tensor.DType;

/** The catalog of formats. */
public final class QuantFormats {
  private static final Map<DType, QuantFormat> BY_TYPE = new EnumMap<>(DType.class);

  static {
    for (QuantFormat format :
        List.of(
            new F32(),
            new F16(),
            new Bf16(),
            new Q4v0(),
            new Q4v1(),
            new Q5v0(),
            new Q5v1(),
            new Q8v0(),
            new Q2K(),
            new Q3K(),
            new Q4K(),
            new Q5K(),
            new Q6K(),
            new Iq4Nl(),
            new Iq4Xs(),
            new Tq1v0(),
            new Tq2v0(),
            new Mxfp4(),
            new Nvfp4(),
            new Q1v0(),
            new Q2v0())) {
      BY_TYPE.put(format.type(), format);
    }
  }

  private QuantFormats() {}

  /** The decoder of a type, or empty if there is none. */
  public static Optional<QuantFormat> of(DType type) {
    return Optional.ofNullable(BY_TYPE.get(type));
  }

  /** The encoder of a type, or empty if we cannot write it. */
  public static Optional<QuantEncoder> encoder(DType type) {
    return BY_TYPE.get(type) instanceof QuantEncoder encoder
        ? Optional.of(encoder)
        : Optional.empty();
  }

  public static Collection<QuantFormat> all() {
    return Collections.unmodifiableCollection(BY_TYPE.values());
  }
}
