package org.slmruntime.format.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slmruntime.format.FormatException;

/** Little-endian fields into memory: the part of a file before its tensor data. */
final class GgufOutput extends ByteArrayOutputStream {
  void i32(int value) {
    for (int shift = 0; shift < 32; shift += 8) {
      write(value >>> shift);
    }
  }

  void i64(long value) {
    i32((int) value);
    i32((int) (value >>> 32));
  }

  void string(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    i64(bytes.length);
    writeBytes(bytes);
  }

  void value(Object value) {
    switch (value) {
      case Long v when v >= 0 && v <= 0xffffffffL -> {
        i32(GgufType.UINT32);
        i32(v.intValue());
      }
      case Long v -> {
        i32(GgufType.INT64);
        i64(v);
      }
      case Double v -> {
        i32(GgufType.FLOAT32);
        i32(Float.floatToRawIntBits(v.floatValue()));
      }
      case Boolean v -> {
        i32(GgufType.BOOL);
        write(v ? 1 : 0);
      }
      case String v -> {
        i32(GgufType.STRING);
        string(v);
      }
      default -> array(value);
    }
  }

  private void array(Object value) {
    i32(GgufType.ARRAY);
    switch (value) {
      case int[] v -> {
        header(GgufType.INT32, v.length);
        for (int x : v) {
          i32(x);
        }
      }
      case long[] v -> {
        header(GgufType.INT64, v.length);
        for (long x : v) {
          i64(x);
        }
      }
      case float[] v -> {
        header(GgufType.FLOAT32, v.length);
        for (float x : v) {
          i32(Float.floatToRawIntBits(x));
        }
      }
      case double[] v -> {
        header(GgufType.FLOAT64, v.length);
        for (double x : v) {
          i64(Double.doubleToRawLongBits(x));
        }
      }
      case boolean[] v -> {
        header(GgufType.BOOL, v.length);
        for (boolean x : v) {
          write(x ? 1 : 0);
        }
      }
      case List<?> v -> {
        header(GgufType.STRING, v.size());
        v.forEach(x -> string((String) x));
      }
      default ->
          throw new FormatException("GGUF metadata cannot hold a " + value.getClass().getName());
    }
  }

  private void header(int type, int count) {
    i32(type);
    i64(count);
  }
}
