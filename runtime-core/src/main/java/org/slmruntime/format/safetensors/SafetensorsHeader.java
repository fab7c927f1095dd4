package org.slmruntime.format.safetensors;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.Shown;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.json.Json;
import org.slmruntime.json.JsonException;
import org.slmruntime.tensor.DType;

/**
 * The parsed and checked beginning of a file.
 *
 * @param metadata the texts under {@code __metadata__}, in file order
 * @param tensors in file order; their segments cover the rest of the file exactly
 */
record SafetensorsHeader(Map<String, Object> metadata, List<StoredTensor> tensors) {
  static final String METADATA = "__metadata__";
  static final int LENGTH_BYTES = 8;

  /** That of a hundred thousand tensors. */
  static final int MAX_BYTES = 16 << 20;

  static final int MAX_DIMENSIONS = 4;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** A tensor's description; the offsets count from the end of the header. */
  private record Entry(String name, DType type, List<Long> dims, long begin, long end) {}

  static SafetensorsHeader read(String source, MemorySegment file) {
    String text = text(source, file);
    Map<String, Object> json;
    try {
      json = Json.parseUniqueKeys(text);
    } catch (JsonException e) {
      throw new FormatException(source + ": header: " + e.getMessage(), e);
    }
    Map<String, Object> metadata = new LinkedHashMap<>();
    List<Entry> entries = new ArrayList<>();
    try {
      json.forEach(
          (name, value) -> {
            if (name.equals(METADATA)) {
              metadata.putAll(texts(value));
            } else {
              entries.add(entry(source, name, value));
            }
          });
    } catch (JsonException e) {
      throw new FormatException(source + ": " + e.getMessage(), e);
    }
    long dataOffset = LENGTH_BYTES + file.get(LONG, 0);
    checkPlaces(source, entries, file.byteSize() - dataOffset);
    List<StoredTensor> tensors =
        entries.stream()
            .map(
                e -> {
                  MemorySegment data = file.asSlice(dataOffset + e.begin, e.end - e.begin);
                  return new StoredTensor(e.name, e.type, e.dims, data);
                })
            .toList();
    return new SafetensorsHeader(metadata, tensors);
  }

  private static String text(String source, MemorySegment file) {
    if (file.byteSize() < LENGTH_BYTES + 2) {
      throw new FormatException(
          source + ": too short for a safetensors file: " + file.byteSize() + " bytes");
    }
    long length = file.get(LONG, 0);
    long rest = file.byteSize() - LENGTH_BYTES;
    if (length < 2 || length > rest) {
      throw new FormatException(
          source
              + ": not a safetensors file: a header of "
              + Long.toUnsignedString(length)
              + " bytes where "
              + rest
              + " follow");
    }
    if (length > MAX_BYTES) {
      throw new FormatException(
          source + ": a header of " + length + " bytes; at most " + MAX_BYTES + " are read");
    }
    byte[] bytes = new byte[(int) length];
    MemorySegment.copy(file, ValueLayout.JAVA_BYTE, LENGTH_BYTES, bytes, 0, bytes.length);
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
    } catch (CharacterCodingException e) {
      throw new FormatException(
          source + ": header is not UTF-8 text at byte " + buffer.position(), e);
    }
  }

  private static Map<String, Object> texts(Object value) {
    Map<String, Object> texts = Json.asObject(value, METADATA);
    texts.forEach((key, text) -> Json.asString(text, METADATA + ": \"" + Shown.of(key) + "\""));
    return texts;
  }

  private static Entry entry(String source, String name, Object value) {
    String what = "tensor " + Shown.of(name);
    Map<String, Object> fields = Json.asObject(value, what);
    String typeName = Json.asString(fields.get("dtype"), what + ": \"dtype\"");
    DType type =
        SafetensorsTypes.named(typeName)
            .orElseThrow(
                () ->
                    new FormatException(
                        source + ": " + what + " has unsupported type " + Shown.of(typeName)));
    List<Long> shape = numbers(fields.get("shape"), what + ": \"shape\"");
    List<Long> offsets = numbers(fields.get("data_offsets"), what + ": \"data_offsets\"");
    if (shape.size() > MAX_DIMENSIONS || offsets.size() != 2) {
      throw new FormatException(
          source + ": " + what + " has shape " + shape + " and data_offsets " + offsets);
    }
    Entry entry = new Entry(name, type, shape.reversed(), offsets.getFirst(), offsets.getLast());
    if (entry.begin > entry.end || bytes(source, entry) != entry.end - entry.begin) {
      throw new FormatException(
          source
              + ": "
              + what
              + " of type "
              + type
              + " and shape "
              + shape
              + " cannot lie at data_offsets "
              + offsets);
    }
    return entry;
  }

  private static List<Long> numbers(Object value, String what) {
    List<Long> numbers = new ArrayList<>();
    for (Object number : Json.asArray(value, what)) {
      if (!(number instanceof Long n) || n < 0) {
        throw new JsonException(what + " must have whole numbers but has " + shown(number));
      }
      numbers.add(n);
    }
    return numbers;
  }

  private static String shown(Object number) {
    return number instanceof Number ? number.toString() : Json.kind(number);
  }

  private static long bytes(String source, Entry entry) {
    try {
      return entry.type.byteSize(entry.dims.stream().reduce(1L, Math::multiplyExact));
    } catch (ArithmeticException e) {
      throw new FormatException(
          source + ": tensor " + Shown.of(entry.name) + " " + entry.dims + " is too large", e);
    }
  }

  /** One tensor after the other, without gaps, to the end of the file. */
  private static void checkPlaces(String source, List<Entry> entries, long dataBytes) {
    List<Entry> byPlace =
        entries.stream()
            .sorted(Comparator.comparing(Entry::begin).thenComparing(Entry::end))
            .toList();
    long end = 0;
    for (Entry entry : byPlace) {
      if (entry.begin != end) {
        throw new FormatException(
            source
                + ": tensor "
                + Shown.of(entry.name)
                + " begins at data offset "
                + entry.begin
                + (entry.begin < end
                    ? ", within the one before that ends at "
                    : ", after a gap at ")
                + end);
      }
      end = entry.end;
    }
    if (end != dataBytes) {
      throw new FormatException(
          source + ": has " + dataBytes + " bytes of data but its tensors have " + end);
    }
  }
}
