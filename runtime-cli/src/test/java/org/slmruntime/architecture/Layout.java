package org.slmruntime.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The packages right under {@code org.slmruntime}, and which others each may use. What is not here
 * does not exist: a new package needs its row.
 */
record Layout(String folder, List<String> uses) {
  static final String ROOT = "org.slmruntime";

  /** All classes of all modules but their tests. */
  static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  /** The packages of runtime-core. {@code tensor} and {@code quant} are open to all above them. */
  static final List<Layout> CORE =
      List.of(
          row("tensor"),
          row("json"),
          row("kv"),
          row("sampling"),
          row("graph", "tensor"),
          row("quant", "tensor"),
          row("format", "json", "tensor", "quant"),
          row("tokenizer", "format", "json"),
          row("hub", "format", "json"),
          row("backend", "graph", "tensor", "quant", "sampling"),
          row("model", "graph", "format", "backend.spi", "tensor", "quant"),
          row(
              "lora",
              "graph",
              "format",
              "json",
              "model",
              "backend.spi",
              "quant",
              "tensor",
              "tokenizer"),
          row(
              "engine",
              "backend",
              "format",
              "graph",
              "json",
              "kv",
              "lora",
              "model",
              "quant",
              "sampling",
              "tensor",
              "tokenizer"),
          row("eval", "engine", "format", "json", "model", "tokenizer"));

  /** The packages of the other modules. */
  static final List<Layout> OTHERS =
      List.of(
          row("natives"),
          row("cpu", "graph", "backend.spi", "tensor", "quant", "natives"),
          row("kernels", "tensor", "quant"),
          row("cuda", "graph", "backend.spi", "tensor", "quant", "sampling", "natives", "kernels"),
          row(
              "train",
              "graph",
              "backend.spi",
              "tensor",
              "quant",
              "format",
              "model",
              "lora",
              "json",
              "tokenizer",
              "cpu.gemm",
              "cpu.parallel",
              "cpu.vector"),
          row("demo", "format"),
          row("testkit", Stream.of(CORE).flatMap(List::stream).map(Layout::folder)),
          row("cli", Stream.concat(CORE.stream().map(Layout::folder), Stream.of("demo", "train"))));

  static List<Layout> all() {
    return Stream.concat(CORE.stream(), OTHERS.stream()).toList();
  }

  private static Layout row(String folder, String... uses) {
    return new Layout(folder, List.of(uses));
  }

  private static Layout row(String folder, Stream<String> uses) {
    return new Layout(folder, uses.toList());
  }

  /** The package itself and everything below it. */
  String pattern() {
    return pattern(folder);
  }

  /** What classes of ours it may depend on: itself, its row, and the root's exception. */
  String[] allowed() {
    List<String> patterns = new ArrayList<>(List.of(ROOT, pattern()));
    uses.forEach(used -> patterns.add(pattern(used)));
    return patterns.toArray(String[]::new);
  }

  private static String pattern(String folder) {
    return ROOT + "." + folder + "..";
  }

  @Override
  public String toString() {
    return folder;
  }
}
