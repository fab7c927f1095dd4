package org.slmruntime.format;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The key-value part of a model file, with typed access that checks the stored type. Values are
 * {@link Long} (all integer types), {@link Double} (both float types), {@link Boolean}, {@link
 * String}, and for arrays {@code int[]}, {@code long[]}, {@code float[]}, {@code double[]}, {@code
 * boolean[]} or {@code List<String>}. Immutable; threads may share it, arrays must not be written.
 *
 * <p>Every error names the file and the key.
 */
public final class Metadata {
  private final String source;
  private final Map<String, Object> values;

  /**
   * @param source the file's name, for messages
   */
  public Metadata(String source, Map<String, Object> values) {
    this.source = source;
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** All values in file order. */
  public Map<String, Object> values() {
    return values;
  }

  public String source() {
    return source;
  }

  public boolean has(String key) {
    return values.containsKey(key);
  }

  public Optional<String> string(String key) {
    return get(key, String.class, "a string");
  }

  public String requireString(String key) {
    return string(key).orElseThrow(() -> missing(key));
  }

  public Optional<Boolean> bool(String key) {
    return get(key, Boolean.class, "a boolean");
  }

  public Optional<Long> integer(String key) {
    return get(key, Long.class, "an integer");
  }

  /** An integer in {@code min..max}, or empty if the key is absent. */
  public Optional<Integer> intInRange(String key, int min, int max) {
    return integer(key)
        .map(
            v -> {
              if (v < min || v > max) {
                throw wrong(key, "must be in " + min + ".." + max + " but is " + v);
              }
              return v.intValue();
            });
  }

  public int requireInt(String key, int min, int max) {
    return intInRange(key, min, max).orElseThrow(() -> missing(key));
  }

  /** A number of either kind. */
  public Optional<Double> number(String key) {
    return switch (values.get(key)) {
      case null -> Optional.empty();
      case Long l -> Optional.of(l.doubleValue());
      case Double d -> Optional.of(d);
      default -> throw wrong(key, "must be a number but is " + describe(values.get(key)));
    };
  }

  public double requireNumber(String key) {
    return number(key).orElseThrow(() -> missing(key));
  }

  @SuppressWarnings("unchecked")
  public Optional<List<String>> strings(String key) {
    return get(key, List.class, "an array of strings").map(l -> (List<String>) l);
  }

  public List<String> requireStrings(String key) {
    return strings(key).orElseThrow(() -> missing(key));
  }

  /** An array of integers of at most 32 bits (wider arrays are stored as {@code long[]}). */
  public Optional<int[]> ints(String key) {
    return get(key, int[].class, "an array of 32-bit integers");
  }

  public Optional<float[]> floats(String key) {
    return get(key, float[].class, "an array of 32-bit floats");
  }

  /** The error for a key that must be there. */
  public FormatException missing(String key) {
    return new FormatException(source + ": metadata key " + key + " is missing");
  }

  /** An error about one key's value. */
  public FormatException wrong(String key, String problem) {
    return new FormatException(source + ": metadata key " + key + " " + problem);
  }

  private <T> Optional<T> get(String key, Class<T> type, String kind) {
    Object value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!type.isInstance(value)) {
      throw wrong(key, "must be " + kind + " but is " + describe(value));
    }
    return Optional.of(type.cast(value));
  }

  private static String describe(Object value) {
    return switch (value) {
      case String s -> "the string \"" + Shown.of(s) + "\"";
      case List<?> _ -> "an array of strings";
      case Long l -> "the integer " + l;
      case Double d -> "the number " + d;
      case Boolean b -> "the boolean " + b;
      default -> "an array (" + value.getClass().getComponentType() + ")";
    };
  }
}
