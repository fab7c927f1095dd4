package org.slmruntime.cpu.packed;

import static org.slmruntime.cpu.packed.Panels.PANEL;

import java.lang.foreign.MemorySegment;

/**
 * A packed weight matrix.
 *
 * @param data native memory of exactly {@link PackedFormat#byteSize} bytes
 */
public record PackedMatrix(PackedFormat format, int rows, int columns, MemorySegment data) {
  /** Panels, the last perhaps padded. */
  int panels() {
    return Math.ceilDiv(rows, PANEL);
  }

  /** Bytes that a row's share of its panel takes. */
  public long rowBytes() {
    return panelBytes() / PANEL;
  }

  /** Bytes from one panel to the next. */
  long panelBytes() {
    return format.panelBytes(columns);
  }
}
