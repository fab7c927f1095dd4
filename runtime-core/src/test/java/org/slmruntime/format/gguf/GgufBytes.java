package org.slmruntime.format.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Builds GGUF bytes field by field, right or wrong. */
final class GgufBytes {
  private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  /** A header of version 3. */
  static GgufBytes header(long tensors, long entries) {
    return header(3, tensors, entries);
  }

  static GgufBytes header(int version, long tensors, long entries) {
    return new GgufBytes().i32(0x46554747).i32(version).i64(tensors).i64(entries);
  }

  GgufBytes i8(int value) {
    bytes.put((byte) value);
    return this;
  }

  GgufBytes i16(int value) {
    bytes.putShort((short) value);
    return this;
  }

  GgufBytes i32(int value) {
    bytes.putInt(value);
    return this;
  }

  GgufBytes i64(long value) {
    bytes.putLong(value);
    return this;
  }

  GgufBytes string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    i64(utf8.length);
    bytes.put(utf8);
    return this;
  }

  /** Key and type; the value follows. */
  GgufBytes key(String key, int type) {
    return string(key).i32(type);
  }

  GgufBytes tensor(String name, int type, long offset, long... dims) {
    string(name).i32(dims.length);
    Arrays.stream(dims).forEach(this::i64);
    return i32(type).i64(offset);
  }

  /** Pads to the next multiple of {@code alignment} and adds {@code count} bytes of data. */
  GgufBytes data(int alignment, int count) {
    bytes.position(Math.ceilDiv(bytes.position(), alignment) * alignment + count);
    return this;
  }

  byte[] array() {
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  Path write(Path path) {
    try {
      return Files.write(path, array());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
