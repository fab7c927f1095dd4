package org.slmruntime.hub;

import static java.util.stream.Collectors.joining;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files that a name means.
 *
 * @param files paths in the repository; the first is the one to open
 * @param note why these, where others could have been meant
 */
record ModelChoice(List<String> files, Optional<String> note) {
  /** Which of several to take where nobody says: small without much loss first. */
  private static final List<String> PREFERRED =
      List.of(
          "Q4_K_M", "Q8_0", "Q5_K_M", "Q6_K", "Q4_K_S", "Q5_K_S", "Q4_0", "Q4_1", "Q5_0", "Q5_1",
          "IQ4_NL", "IQ4_XS", "Q3_K_M", "Q3_K_L", "Q3_K_S", "Q2_K", "BF16", "F16", "FP16", "F32",
          "FP32");

  /** Weights in other containers. */
  private static final List<String> UNREADABLE =
      List.of(".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".onnx", ".h5", ".msgpack");

  private static final int MOST_SHOWN = 20;

  ModelChoice {
    files = List.copyOf(files);
  }

  /**
   * Chooses among files; empty if there is nothing of that name.
   *
   * @throws HubException if it is not clear which is meant
   */
  static Optional<ModelChoice> find(ModelName name, Collection<String> paths) {
    List<GgufModel> models = GgufModel.among(paths);
    if (name.file().isEmpty()) {
      return unnamed(name, models.stream().filter(GgufModel::isLanguageModel).toList());
    }
    String wanted = name.file().get();
    return models.stream()
        .filter(model -> model.files().contains(wanted))
        .findFirst()
        .map(model -> new ModelChoice(model.files(), Optional.empty()))
        .or(() -> plainFile(name, wanted, paths))
        .or(() -> only(name, models.stream().filter(model -> model.isCalled(wanted)).toList()));
  }

  /** Anything but weights may be useful by itself, e.g. a tokenizer.json. */
  private static Optional<ModelChoice> plainFile(
      ModelName name, String wanted, Collection<String> paths) {
    if (!paths.contains(wanted) || GgufModel.isPart(wanted)) {
      return Optional.empty();
    }
    if (isUnreadable(wanted)) {
      throw new HubException(
          name + ": weights are read from GGUF files only; " + candidates(paths));
    }
    return Optional.of(new ModelChoice(List.of(wanted), Optional.empty()));
  }

  private static boolean isUnreadable(String path) {
    String lower = path.toLowerCase(Locale.ROOT);
    return UNREADABLE.stream().anyMatch(lower::endsWith);
  }

  private static Optional<ModelChoice> unnamed(ModelName name, List<GgufModel> models) {
    if (models.size() < 2) {
      return only(name, models);
    }
    for (String quantization : PREFERRED) {
      List<GgufModel> fitting =
          models.stream()
              .filter(m -> m.quantization().filter(quantization::equals).isPresent())
              .toList();
      if (!fitting.isEmpty()) {
        String note =
            name
                + ": taking "
                + quantization
                + " of "
                + shown(models.stream().map(GgufModel::first));
        return only(name, fitting).map(c -> new ModelChoice(c.files, Optional.of(note)));
      }
    }
    throw ambiguous(name, models);
  }

  private static Optional<ModelChoice> only(ModelName name, List<GgufModel> models) {
    if (models.size() > 1) {
      throw ambiguous(name, models);
    }
    return models.stream()
        .findFirst()
        .map(model -> new ModelChoice(model.files(), Optional.empty()));
  }

  private static HubException ambiguous(ModelName name, List<GgufModel> models) {
    return new HubException(
        name
            + " may be any of "
            + shown(models.stream().map(GgufModel::first))
            + "; name one, as in "
            + name.repository()
            + ":"
            + models.getFirst().first());
  }

  /** For a name that means nothing among these files. */
  static HubException nothing(ModelName name, Collection<String> paths) {
    String wanted =
        name.file()
            .map(f -> " has no file or quantization " + FilePath.shown(f))
            .orElse(" has no model that can be read");
    return new HubException(name.repository() + wanted + "; " + candidates(paths));
  }

  private static String candidates(Collection<String> paths) {
    List<GgufModel> models = GgufModel.among(paths);
    if (!models.isEmpty()) {
      return "it has " + shown(models.stream().map(GgufModel::first));
    }
    if (paths.stream().anyMatch(GgufModel::isPart)) {
      return "parts of its split GGUF file are missing";
    }
    return paths.stream().anyMatch(ModelChoice::isUnreadable)
        ? "it has no GGUF file, and Hugging Face folders are not read yet"
        : "it has no GGUF file";
  }

  private static String shown(Stream<String> paths) {
    List<String> all = paths.toList();
    String first = all.stream().limit(MOST_SHOWN).map(FilePath::shown).collect(joining(", "));
    return all.size() <= MOST_SHOWN ? first : first + " and " + (all.size() - MOST_SHOWN) + " more";
  }
}
