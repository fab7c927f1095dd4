package org.slmruntime.json;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slmruntime.SlmException;

/**
 * Reads JSON Lines (jsonlines.org): an object on each line, in UTF-8; blank lines are skipped.
 * Every failure names the file and the line, counted from 1.
 */
public final class JsonLines {
  private final Path file;
  private final Limits limits;
  private final InputStream in;
  private int line;
  private long bytes;

  private JsonLines(Path file, Limits limits, InputStream in) {
    this.file = file;
    this.limits = limits;
    this.in = in;
  }

  /**
   * What a file may have at most.
   *
   * @param lineBytes in one line, without its end
   * @param rows lines that are not blank
   * @param bytes in all
   */
  public record Limits(int lineBytes, int rows, long bytes) {}

  /**
   * A line's object.
   *
   * @param source file and line, for messages
   */
  public record Row(String source, Map<String, Object> values) {
    /** A value that must be a string. */
    public String string(String key) {
      return Json.asString(values.get(key), source + ": \"" + key + "\"");
    }

    /** A value that must be an array. */
    public List<Object> array(String key) {
      return Json.asArray(values.get(key), source + ": \"" + key + "\"");
    }

    /** What to throw where the row is not as it should be. */
    public JsonException error(String what) {
      return new JsonException(source + ": " + what);
    }
  }

  /**
   * Reads all rows.
   *
   * @param parse makes what is wanted of a row
   * @throws JsonException if a line is malformed or a limit is passed
   */
  public static <T> List<T> read(Path file, Limits limits, Function<Row, T> parse)
      throws IOException {
    return read(
        file,
        limits,
        parse,
        e -> {
          throw e;
        });
  }

  /**
   * Reads all rows that can be used, and tells of the others.
   *
   * @param parse makes what is wanted of a row
   * @param bad is given the failure of each row that is malformed or that {@code parse} refuses; to
   *     read no further it throws
   * @throws JsonException if a limit is passed
   */
  public static <T> List<T> read(
      Path file, Limits limits, Function<Row, T> parse, Consumer<SlmException> bad)
      throws IOException {
    if (Files.isDirectory(file)) {
      throw new JsonException(file + ": is a folder, not a file of JSON lines");
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return new JsonLines(file, limits, in).rows(parse, bad);
    }
  }

  private <T> List<T> rows(Function<Row, T> parse, Consumer<SlmException> bad) throws IOException {
    List<T> rows = new ArrayList<>();
    ByteArrayOutputStream buffer = new ByteArrayOutputStream();
    int seen = 0;
    while (next(buffer)) {
      if (buffer.toString(StandardCharsets.UTF_8).isBlank()) {
        continue;
      }
      if (seen++ == limits.rows) {
        throw new JsonException(source() + ": more than " + limits.rows + " rows");
      }
      try {
        rows.add(parse.apply(new Row(source(), object(text(buffer.toByteArray())))));
      } catch (SlmException e) {
        bad.accept(e);
      }
    }
    return rows;
  }

  /** Reads the next line, without its end; false if there is none. */
  private boolean next(ByteArrayOutputStream buffer) throws IOException {
    buffer.reset();
    line++;
    int next = in.read();
    boolean any = next >= 0;
    for (; next >= 0 && next != '\n'; next = in.read()) {
      if (buffer.size() == limits.lineBytes) {
        throw new JsonException(source() + ": longer than " + limits.lineBytes + " bytes");
      }
      buffer.write(next);
    }
    bytes += buffer.size() + (next == '\n' ? 1 : 0);
    if (bytes > limits.bytes) {
      throw new JsonException(source() + ": the file is longer than " + limits.bytes + " bytes");
    }
    return any;
  }

  private String text(byte[] encoded) {
    ByteBuffer buffer = ByteBuffer.wrap(encoded);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
    } catch (CharacterCodingException e) {
      throw new JsonException(source() + ": is not UTF-8 text at byte " + buffer.position(), e);
    }
  }

  private Map<String, Object> object(String text) {
    Object value;
    try {
      value = Json.parse(text);
    } catch (JsonException e) {
      throw new JsonException(source() + ": " + e.getMessage(), e);
    }
    return Json.asObject(value, source() + ": a row");
  }

  private String source() {
    return file + ", line " + line;
  }
}
