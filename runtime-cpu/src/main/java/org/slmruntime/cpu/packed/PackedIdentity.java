package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.PANEL;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cpu.packed.file.PackedKey;
import org.slmruntime.graph.Weight;

/** Tells packed weights from all others. */
final class PackedIdentity {
  /**
   * To be raised with every change of how weights lie in panels; {@code PackedLayoutTest} knows.
   */
  static final int LAYOUT = 1;

  /** Bytes of each weight that are looked at, where it begins. */
  private static final int SAMPLE = 1024;

  private PackedIdentity() {}

  /**
   * The key of weights in packed form.
   *
   * @param bytes that they take
   * @return empty if it is not known where the weights are from
   */
  static Optional<PackedKey> of(Map<Weight, PackedFormat> formats, Weights weights, long bytes) {
    return weights
        .identity()
        .map(identity -> new PackedKey(text(identity, formats, weights), bytes));
  }

  private static String text(String identity, Map<Weight, PackedFormat> formats, Weights weights) {
    StringBuilder text = new StringBuilder();
    text.append("layout ").append(LAYOUT).append(", panels of ").append(PANEL).append(" rows\n");
    text.append(identity).append('\n');
    formats.forEach(
        (weight, format) ->
            text.append(weight)
                .append(' ')
                .append(format)
                .append(' ')
                .append(Integer.toHexString(sample(weights.get(weight).data())))
                .append('\n'));
    return text.toString();
  }

  /**
   * Tells files apart that others have given the same name, size and time, as those of container
   * images are.
   */
  private static int sample(MemorySegment data) {
    MemorySegment start = data.asSlice(0, Math.min(SAMPLE, data.byteSize()));
    CRC32C sum = new CRC32C();
    sum.update(start.toArray(ValueLayout.JAVA_BYTE));
    return (int) sum.getValue();
  }
}
