package org.slmruntime.hub;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model in a repository: one GGUF file, or all parts of a split one.
 *
 * @param name path without the number of the part and without {@code .gguf}
 * @param files paths, the first part first
 */
record GgufModel(String name, List<String> files) {
  private static final String SUFFIX = ".gguf";
  private static final Pattern PART = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");

  /** As people who publish models write it in file names, e.g. {@code Q4_K_M} or {@code bf16}. */
  private static final Pattern QUANTIZATION =
      Pattern.compile(
          "(?<![A-Za-z0-9])"
              + "(?:I?Q\\d(?:_(?:K|[0-9]+|XXS|XS|S|M|L|XL|NL))*|TQ\\d_\\d|BF16|FP?16|FP?32|MXFP4|NVFP4)"
              + "(?![A-Za-z0-9])",
          Pattern.CASE_INSENSITIVE);

  GgufModel {
    files = List.copyOf(files);
  }

  /** The models among files, sorted; of split ones only those with all their parts. */
  static List<GgufModel> among(Collection<String> paths) {
    Map<String, List<String>> parts = new LinkedHashMap<>();
    List<GgufModel> models = new ArrayList<>();
    for (String path : new TreeSet<>(paths)) {
      Matcher part = PART.matcher(path);
      if (part.matches()) {
        String set = part.group(1) + "-of-" + part.group(3);
        parts.computeIfAbsent(set, _ -> new ArrayList<>()).add(path);
      } else if (path.toLowerCase(Locale.ROOT).endsWith(SUFFIX)) {
        models.add(
            new GgufModel(path.substring(0, path.length() - SUFFIX.length()), List.of(path)));
      }
    }
    parts.values().forEach(files -> whole(files).ifPresent(models::add));
    return models;
  }

  /**
   * The split model of these parts.
   *
   * @param files all parts of one set that are there, sorted
   */
  private static Optional<GgufModel> whole(List<String> files) {
    Matcher first = PART.matcher(files.getFirst());
    Matcher last = PART.matcher(files.getLast());
    boolean complete =
        first.matches()
            && last.matches()
            && Integer.parseInt(first.group(2)) == 1
            && Integer.parseInt(last.group(2)) == files.size()
            && Integer.parseInt(last.group(3)) == files.size();
    return complete ? Optional.of(new GgufModel(first.group(1), files)) : Optional.empty();
  }

  /** Whether a file is a part of a split model. */
  static boolean isPart(String path) {
    return PART.matcher(path).matches();
  }

  /** What its weights are stored as, by its name, in upper case. */
  Optional<String> quantization() {
    return QUANTIZATION
        .matcher(fileName())
        .results()
        .map(MatchResult::group)
        .reduce((_, later) -> later)
        .map(q -> q.toUpperCase(Locale.ROOT));
  }

  /** Whether it is what a user means by a quantization, or by the end of its name. */
  boolean isCalled(String wanted) {
    String upper = wanted.toUpperCase(Locale.ROOT);
    String name = fileName().toUpperCase(Locale.ROOT);
    return quantization().filter(upper::equals).isPresent()
        || name.equals(upper)
        || name.endsWith("-" + upper)
        || name.endsWith("." + upper);
  }

  /** Beside a language model there may be what sees for it, and how it was quantized. */
  boolean isLanguageModel() {
    String name = fileName().toLowerCase(Locale.ROOT);
    return !name.contains("mmproj") && !name.contains("imatrix");
  }

  private String fileName() {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  /** The file that is opened. */
  String first() {
    return files.getFirst();
  }
}
