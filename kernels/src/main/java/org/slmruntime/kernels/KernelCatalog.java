package org.slmruntime.kernels;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slmruntime.kernels.KernelSignature.Argument;
import org.slmruntime.kernels.KernelSignature.Type;

/**
 * All entry points, read from {@code catalog.txt} beside the PTX. Immutable.
 *
 * <p>A line {@code kernel MODULE ENTRY SM} stands for every combination of its braces; {@code *} in
 * the entry is what the module's braces chose.
 */
public final class KernelCatalog {
  private final Map<String, KernelSignature> byEntry;

  private KernelCatalog(Map<String, KernelSignature> byEntry) {
    this.byEntry = Collections.unmodifiableMap(byEntry);
  }

  /** Reads the catalog of this module. */
  public static KernelCatalog load() {
    return parse(new String(resource("catalog.txt"), StandardCharsets.UTF_8));
  }

  /** The signature of an entry point; there must be one. */
  public KernelSignature get(String entry) {
    KernelSignature signature = byEntry.get(entry);
    if (signature == null) {
      throw new IllegalArgumentException("there is no kernel " + entry);
    }
    return signature;
  }

  public Collection<KernelSignature> all() {
    return byEntry.values();
  }

  /** The PTX text of a module. */
  public static byte[] ptx(String module) {
    return resource("ptx/" + module + ".ptx");
  }

  private static byte[] resource(String name) {
    try (InputStream in = KernelCatalog.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no resource " + name + " of the kernels");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static KernelCatalog parse(String text) {
    Map<String, KernelSignature> found = new LinkedHashMap<>();
    String[] heading = null;
    List<Argument> arguments = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String[] words = line.strip().split("\\s+", -1);
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (words[0].equals("kernel")) {
        add(found, heading, arguments);
        heading = words;
        arguments = new ArrayList<>();
      } else {
        arguments.add(argument(words, arguments));
      }
    }
    add(found, heading, arguments);
    return new KernelCatalog(found);
  }

  private static Argument argument(String[] words, List<Argument> before) {
    Type type = Type.valueOf(words[0].toUpperCase(Locale.ROOT));
    boolean optional = words[1].endsWith("?");
    String name = optional ? words[1].substring(0, words[1].length() - 1) : words[1];
    int end = before.isEmpty() ? 0 : before.getLast().offset() + before.getLast().type().bytes();
    int offset = Math.ceilDiv(end, type.alignment()) * type.alignment();
    return new Argument(name, type, optional, offset);
  }

  private static void add(
      Map<String, KernelSignature> found, String[] heading, List<Argument> arguments) {
    if (heading == null) {
      return;
    }
    int sm = Integer.parseInt(heading[3]);
    int brace = heading[1].indexOf('{');
    for (String module : expand(heading[1])) {
      String chosen = brace < 0 ? "" : module.substring(brace, braceEnd(heading[1], module));
      for (String entry : expand(heading[2].replace("*", chosen))) {
        if (found.put(entry, new KernelSignature(module, entry, sm, arguments)) != null) {
          throw new IllegalArgumentException("kernel " + entry + " is in the catalog twice");
        }
      }
    }
  }

  /** Where in an expansion the text chosen for the pattern's only brace ends. */
  private static int braceEnd(String pattern, String expansion) {
    return expansion.length() - (pattern.length() - 1 - pattern.indexOf('}'));
  }

  /** Every text that a pattern with {@code {a,b}} stands for. */
  static List<String> expand(String pattern) {
    int open = pattern.indexOf('{');
    if (open < 0) {
      return List.of(pattern);
    }
    int close = pattern.indexOf('}', open);
    List<String> all = new ArrayList<>();
    for (String choice : pattern.substring(open + 1, close).split(",", -1)) {
      all.addAll(expand(pattern.substring(0, open) + choice + pattern.substring(close + 1)));
    }
    return all;
  }
}
