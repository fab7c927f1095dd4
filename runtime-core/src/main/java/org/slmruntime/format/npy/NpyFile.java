package org.slmruntime.format.npy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slmruntime.format.FormatException;

/**
 * NumPy's .npy files (format 1.0 and 2.0, C order, little-endian): float32 is written; float32,
 * float64, int32 and int64 are read, as doubles.
 *
 * @param shape sizes, slowest varying first
 * @param values all elements in C order
 */
public record NpyFile(int[] shape, double[] values) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '([^']{1,8})', 'fortran_order': (True|False), 'shape': \\(([0-9, ]*)\\),? *\\}");

  /** Reads a whole file. */
  public static NpyFile read(Path path) {
    try {
      return parse(path, ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN));
    } catch (NoSuchFileException e) {
      throw new FormatException(path + ": no such file", e);
    } catch (IOException e) {
      throw new FormatException(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static NpyFile parse(Path path, ByteBuffer bytes) {
    byte[] magic = new byte[MAGIC.length];
    if (bytes.remaining() < 12) {
      throw new FormatException(path + ": too short for a .npy file: " + bytes.remaining());
    }
    bytes.get(magic);
    int version = bytes.get();
    bytes.get();
    if (!Arrays.equals(magic, MAGIC) || version < 1 || version > 2) {
      throw new FormatException(path + ": no .npy file of version 1 or 2");
    }
    int length = version == 1 ? bytes.getShort() & 0xffff : bytes.getInt();
    if (length < 0 || length > bytes.remaining()) {
      throw new FormatException(path + ": header of " + length + " bytes is truncated");
    }
    byte[] header = new byte[length];
    bytes.get(header);
    String text = new String(header, StandardCharsets.ISO_8859_1).strip();
    Matcher matcher = HEADER.matcher(text);
    if (!matcher.matches() || matcher.group(2).equals("True")) {
      throw new FormatException(path + ": unsupported .npy header " + text);
    }
    int[] shape =
        Pattern.compile(",")
            .splitAsStream(matcher.group(3))
            .map(String::strip)
            .filter(s -> !s.isEmpty())
            .mapToInt(s -> size(path, s))
            .toArray();
    return new NpyFile(shape, values(path, matcher.group(1), shape, bytes));
  }

  private static int size(Path path, String digits) {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      throw new FormatException(path + ": impossible size " + digits + " in the shape", e);
    }
  }

  private static double[] values(Path path, String type, int[] shape, ByteBuffer bytes) {
    int size =
        switch (type) {
          case "<f4", "<i4" -> 4;
          case "<f8", "<i8" -> 8;
          default -> throw new FormatException(path + ": unsupported .npy element type " + type);
        };
    long count = 1;
    for (int n : shape) {
      // Each size is below 2^31 and the product is bounded before the next one: no overflow.
      count *= n;
      if (count > Integer.MAX_VALUE) {
        throw new FormatException(path + ": shape " + Arrays.toString(shape) + " is too large");
      }
    }
    if (count > bytes.remaining() / size) {
      throw new FormatException(path + ": " + count + " elements do not fit in the file");
    }
    double[] values = new double[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case "<f4" -> bytes.getFloat();
            case "<i4" -> bytes.getInt();
            case "<f8" -> bytes.getDouble();
            default -> bytes.getLong();
          };
    }
    return values;
  }

  /** Writes a float32 matrix row by row, so that it need not fit in memory. */
  public static final class MatrixWriter implements AutoCloseable {
    private final OutputStream out;
    private final int columns;
    private final ByteBuffer row;

    /** Creates or replaces {@code path} with a matrix of the given shape. */
    public MatrixWriter(Path path, int rows, int columns) {
      this.columns = columns;
      this.row = ByteBuffer.allocate(Math.multiplyExact(columns, 4)).order(ByteOrder.LITTLE_ENDIAN);
      try {
        out =
            Channels.newOutputStream(
                FileChannel.open(
                    path,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING));
        out.write(header(rows, columns));
      } catch (IOException e) {
        throw new FormatException(path + ": cannot be written: " + reason(e), e);
      }
    }

    private static String reason(IOException e) {
      return switch (e) {
        case NoSuchFileException _ -> "no such folder";
        case AccessDeniedException _ -> "permission denied";
        default -> e.getMessage();
      };
    }

    private static byte[] header(int rows, int columns) {
      String dictionary =
          "{'descr': '<f4', 'fortran_order': False, 'shape': (" + rows + ", " + columns + "), }";
      int unpadded = MAGIC.length + 4 + dictionary.length() + 1;
      String padded = dictionary + " ".repeat(Math.ceilDiv(unpadded, 64) * 64 - unpadded) + "\n";
      ByteBuffer header =
          ByteBuffer.allocate(MAGIC.length + 4 + padded.length()).order(ByteOrder.LITTLE_ENDIAN);
      header.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) padded.length());
      return header.put(padded.getBytes(StandardCharsets.ISO_8859_1)).array();
    }

    /** Appends one row: {@code columns} floats from {@code offset}. */
    public void writeRow(float[] values, int offset) {
      row.clear();
      for (int i = 0; i < columns; i++) {
        row.putFloat(values[offset + i]);
      }
      try {
        out.write(row.array());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
