package org.slmruntime.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import org.slmruntime.hub.ModelName;
import org.slmruntime.lora.AdapterException;
import org.slmruntime.lora.ScaledAdapter;
import org.slmruntime.quant.QuantFormat;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** How the words of a command line become values, with refusals for people. */
final class Values {
  private Values() {}

  /**
   * Token ids.
   *
   * @param ids in order
   */
  record TokenIds(int[] ids) {}

  static void register(CommandLine line) {
    String ints = "a whole number of at most " + Integer.MAX_VALUE;
    register(line, Integer.class, ints, Integer::valueOf);
    register(line, int.class, ints, Integer::valueOf);
    String longs = "a whole number of at most " + Long.MAX_VALUE;
    register(line, Long.class, longs, Long::valueOf);
    register(line, long.class, longs, Long::valueOf);
    register(line, float.class, "a number", Float::valueOf);
    register(line, Double.class, "a number", Double::valueOf);
    register(line, double.class, "a number", Double::valueOf);
    register(line, LocalDate.class, "a date like 2026-01-31", LocalDate::parse);
    register(line, Path.class, "a path", Values::path);
    register(
        line,
        ModelArguments.KvType.class,
        "f32, f16 or q8_0",
        text -> ModelArguments.KvType.valueOf(text.toUpperCase(Locale.ROOT)));
    line.registerConverter(TokenIds.class, Values::tokenIds);
    line.registerConverter(ModelName.class, Values::modelName);
    line.registerConverter(ScaledAdapter.class, Values::adapter);
    line.registerConverter(DType.class, Values::writtenType);
  }

  private static <T> void register(
      CommandLine line, Class<T> type, String what, Function<String, T> conversion) {
    line.registerConverter(
        type,
        text -> {
          try {
            return conversion.apply(text);
          } catch (IllegalArgumentException | DateTimeException _) {
            throw new TypeConversionException("'" + text + "' is not " + what);
          }
        });
  }

  /** An empty path would be the working directory, which nobody means by it. */
  static Path path(String text) {
    if (text.isEmpty()) {
      throw new InvalidPathException(text, "empty");
    }
    return Path.of(text);
  }

  private static ModelName modelName(String text) {
    return ModelName.parse(text)
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "'" + text + "' is not a model's name like owner/repo or owner/repo:Q4_K_M"));
  }

  /** What is after the last = is a scale, unless there is a file of that name. */
  private static ScaledAdapter adapter(String text) {
    int equals = text.lastIndexOf('=');
    if (equals < 0 || Files.exists(Path.of(text))) {
      return new ScaledAdapter(adapterPath(text), 1);
    }
    String scale = text.substring(equals + 1);
    try {
      return new ScaledAdapter(adapterPath(text.substring(0, equals)), Float.parseFloat(scale));
    } catch (NumberFormatException | AdapterException _) {
      throw new TypeConversionException(
          "'" + scale + "' is not the scale of an adapter, as in PATH=0.5");
    }
  }

  private static Path adapterPath(String text) {
    if (text.isEmpty()) {
      throw new TypeConversionException("'' is not the path of an adapter");
    }
    return Path.of(text);
  }

  private static DType writtenType(String text) {
    return QuantFormats.all().stream()
        .map(QuantFormat::type)
        .filter(type -> type.name().equalsIgnoreCase(text))
        .filter(type -> QuantFormats.encoder(type).isPresent())
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "'" + text + "' is not a type that can be written, like f16 or q8_0"));
  }

  /** Ids with commas between them, as {@code slm tokenize} prints them or without brackets. */
  private static TokenIds tokenIds(String text) {
    String list = text.strip();
    if (list.startsWith("[") && list.endsWith("]")) {
      list = list.substring(1, list.length() - 1);
    }
    return new TokenIds(Arrays.stream(list.split(",", -1)).mapToInt(Values::tokenId).toArray());
  }

  private static int tokenId(String text) {
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException _) {
      throw new TypeConversionException(
          "'" + text.strip() + "' is not a token id; ids are given like 1,403,407");
    }
  }
}
