package org.slmruntime.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A GGUF file taken to pieces and put together again, so that one piece can be harmed where it is
 * known what it means. Trusts what it reads: it is for files that {@code GgufWriter} has written.
 */
final class GgufParts {
  private static final int STRING = 8;
  private static final int ARRAY = 9;
  private static final int[] SIZES = {1, 1, 2, 2, 4, 4, 4, 1, -1, -1, 8, 8, 8};
  private static final int ALIGNMENT = 32;

  /** A metadata entry; {@code value} is what follows the type, as it is stored. */
  record Entry(String key, int type, byte[] value) {}

  /** A tensor's description and its bytes. */
  record Tensor(String name, long[] dims, int type, long offset, byte[] data) {}

  int version;
  final List<Entry> entries = new ArrayList<>();
  final List<Tensor> tensors = new ArrayList<>();

  /** Added to the counts in the header, to make them lie. */
  long extraEntries;

  long extraTensors;

  static GgufParts parse(byte[] file) {
    GgufParts parts = new GgufParts();
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).position(4);
    parts.version = in.getInt();
    long tensorCount = in.getLong();
    long entryCount = in.getLong();
    for (int i = 0; i < entryCount; i++) {
      String key = text(in);
      int type = in.getInt();
      int start = in.position();
      skip(in, type);
      parts.entries.add(new Entry(key, type, slice(file, start, in.position() - start)));
    }
    List<Tensor> described = new ArrayList<>();
    for (int i = 0; i < tensorCount; i++) {
      described.add(new Tensor(text(in), dims(in), in.getInt(), in.getLong(), new byte[0]));
    }
    int data = roundUp(in.position());
    for (int i = 0; i < described.size(); i++) {
      Tensor t = described.get(i);
      long end = i + 1 < described.size() ? described.get(i + 1).offset : file.length - data;
      byte[] bytes = slice(file, data + (int) t.offset, (int) (end - t.offset));
      parts.tensors.add(new Tensor(t.name, t.dims, t.type, t.offset, bytes));
    }
    return parts;
  }

  private static String text(ByteBuffer in) {
    byte[] bytes = new byte[(int) in.getLong()];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static long[] dims(ByteBuffer in) {
    long[] dims = new long[in.getInt()];
    for (int d = 0; d < dims.length; d++) {
      dims[d] = in.getLong();
    }
    return dims;
  }

  private static void skip(ByteBuffer in, int type) {
    if (type == ARRAY) {
      int element = in.getInt();
      for (long n = in.getLong(); n > 0; n--) {
        skip(in, element);
      }
    } else if (type == STRING) {
      text(in);
    } else {
      in.position(in.position() + SIZES[type]);
    }
  }

  private static byte[] slice(byte[] file, int from, int length) {
    byte[] bytes = new byte[length];
    System.arraycopy(file, from, bytes, 0, length);
    return bytes;
  }

  private static int roundUp(int position) {
    return Math.ceilDiv(position, ALIGNMENT) * ALIGNMENT;
  }

  /**
   * The file again.
   *
   * @param place whether tensors get new offsets, one after the other; otherwise they keep what
   *     they say
   */
  byte[] build(boolean place) {
    Output out = new Output();
    out.i32(0x46554747);
    out.i32(version);
    out.i64(tensors.size() + extraTensors);
    out.i64(entries.size() + extraEntries);
    for (Entry entry : entries) {
      out.text(entry.key);
      out.i32(entry.type);
      out.writeBytes(entry.value);
    }
    long offset = 0;
    for (Tensor tensor : tensors) {
      out.text(tensor.name);
      out.i32(tensor.dims.length);
      for (long dim : tensor.dims) {
        out.i64(dim);
      }
      out.i32(tensor.type);
      out.i64(place ? offset : tensor.offset);
      offset += roundUp(tensor.data.length);
    }
    out.align();
    for (Tensor tensor : tensors) {
      out.writeBytes(tensor.data);
      out.align();
    }
    return out.toByteArray();
  }

  /** Little-endian fields. */
  static final class Output extends ByteArrayOutputStream {
    void i32(int value) {
      for (int shift = 0; shift < 32; shift += 8) {
        write(value >>> shift);
      }
    }

    void i64(long value) {
      i32((int) value);
      i32((int) (value >>> 32));
    }

    void text(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      i64(bytes.length);
      writeBytes(bytes);
    }

    void align() {
      while (size() % ALIGNMENT != 0) {
        write(0);
      }
    }
  }

  /** One of the list, drawn. */
  static <T> int pick(List<T> list, RandomGenerator random) {
    return random.nextInt(list.size());
  }
}
