package org.slmruntime.gpuparity;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How long a kernel takes.
 *
 * @param bytes that it must move; 0 if that does not bound it
 * @param operations floating-point operations; 0 if they do not bound it
 */
record Measurement(String kernel, String shape, double micros, double bytes, double operations) {
  double gigabytesPerSecond() {
    return micros <= 0 ? 0 : bytes / micros / 1e3;
  }

  double teraflops() {
    return micros <= 0 ? 0 : operations / micros / 1e6;
  }

  /**
   * A row of the report.
   *
   * @param copy the device's copy bandwidth in GB/s
   */
  Map<String, Object> row(double copy) {
    double share = copy <= 0 ? 0 : gigabytesPerSecond() / copy;
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("kernel", kernel);
    row.put("shape", shape);
    row.put("us", rounded(micros));
    row.put("GB/s", bytes == 0 ? "" : rounded(gigabytesPerSecond()));
    row.put("of copy", bytes == 0 ? "" : String.format(Locale.ROOT, "%.0f %%", 100 * share));
    row.put("TFLOP/s", operations == 0 ? "" : rounded(teraflops()));
    return row;
  }

  private static String rounded(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
  }
}
