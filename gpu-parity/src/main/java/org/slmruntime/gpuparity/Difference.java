package org.slmruntime.gpuparity;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import org.slmruntime.gpuparity.KernelCase.Output;

/**
 * How far two devices' outputs are apart.
 *
 * @param equal whether every bit is the same
 * @param error relative RMS error of float32 values, NaN if one has a NaN that the other has not;
 *     for exact outputs the share of bytes that differ
 * @param accepted whether the output's tolerance allows it
 */
record Difference(boolean equal, double error, boolean accepted) {
  static Difference of(Output expected, Output actual) {
    if (Arrays.equals(expected.bytes(), actual.bytes())) {
      return new Difference(true, 0, true);
    }
    boolean exact = expected.tolerance() == 0;
    double error = exact ? differing(expected, actual) : relative(expected, actual);
    return new Difference(false, error, !exact && error <= expected.tolerance());
  }

  private static double differing(Output expected, Output actual) {
    int count = 0;
    for (int i = 0; i < expected.bytes().length; i++) {
      count += expected.bytes()[i] == actual.bytes()[i] ? 0 : 1;
    }
    return count / (double) expected.bytes().length;
  }

  private static double relative(Output expected, Output actual) {
    ByteBuffer left = floats(expected);
    ByteBuffer right = floats(actual);
    double difference = 0;
    double square = 0;
    while (left.hasRemaining()) {
      double e = left.getFloat();
      double d = right.getFloat() - e;
      difference += d * d;
      square += e * e;
    }
    return square == 0 ? Math.sqrt(difference) : Math.sqrt(difference / square);
  }

  private static ByteBuffer floats(Output output) {
    return ByteBuffer.wrap(output.bytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  String told(Output output) {
    String measure = output.tolerance() == 0 ? " of the bytes differ" : " relative error";
    return output.name()
        + ": "
        + (equal ? "same bits" : String.format(Locale.ROOT, "%.2g", error) + measure);
  }
}
