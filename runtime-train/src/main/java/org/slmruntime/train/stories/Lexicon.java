package org.slmruntime.train.stories;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tables of who and what stories are about. In the text, a table begins with {@code [name]}; a row
 * is {@code name: tags | key=one value, another | key=value}. Immutable.
 */
final class Lexicon {
  /**
   * @param attributes what may be chosen for each; the name is one of them
   */
  record Entry(Set<String> tags, Map<String, List<String>> attributes) {
    boolean suits(List<String> wanted) {
      return wanted.stream()
          .allMatch(
              tag -> tag.startsWith("-") ? !tags.contains(tag.substring(1)) : tags.contains(tag));
    }

    String name() {
      return attributes.get(Entity.NAME).getFirst();
    }
  }

  private final Map<String, List<Entry>> tables = new LinkedHashMap<>();

  private Lexicon() {}

  static Lexicon parse(List<String> lines) {
    Lexicon lexicon = new Lexicon();
    List<Entry> table = null;
    for (String line : lines) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("[")) {
        table = new ArrayList<>();
        lexicon.tables.put(line.substring(1, line.indexOf(']')), table);
      } else if (table != null) {
        table.add(entry(line));
      } else {
        throw new IllegalStateException("no table before: " + line);
      }
    }
    return lexicon;
  }

  private static Entry entry(String line) {
    String[] fields = line.split("\\|", -1);
    int colon = fields[0].indexOf(':');
    if (colon < 0) {
      throw new IllegalStateException("no colon in: " + line);
    }
    Map<String, List<String>> attributes = new LinkedHashMap<>();
    attributes.put(Entity.NAME, List.of(fields[0].substring(0, colon).strip()));
    for (int i = 1; i < fields.length; i++) {
      int equals = fields[i].indexOf('=');
      attributes.put(
          fields[i].substring(0, equals).strip(), list(fields[i].substring(equals + 1), ","));
    }
    return new Entry(Set.copyOf(list(fields[0].substring(colon + 1), " ")), attributes);
  }

  private static List<String> list(String text, String separator) {
    return Arrays.stream(text.split(separator, -1))
        .map(String::strip)
        .filter(s -> !s.isEmpty())
        .toList();
  }

  List<Entry> table(String name) {
    List<Entry> table = tables.get(name);
    if (table == null) {
      throw new IllegalStateException("there is no table " + name);
    }
    return table;
  }
}
