package org.slmruntime.benchmarks.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slmruntime.benchmarks.BenchmarkException;
import org.slmruntime.benchmarks.models.Mix;
import org.slmruntime.benchmarks.models.ModelFolder.Model;
import org.slmruntime.benchmarks.models.Shape;

/**
 * What to compare.
 *
 * @param root of the checkout
 * @param rounds in which every contestant is measured once
 * @param processes of each contestant, one after the other, each for so many rounds
 * @param threads of each contestant
 * @param widths whether slm also runs with 256-bit vectors
 * @param llama a folder with llama.cpp's libraries, if not the downloaded one
 * @param llama3Java a jar of llama3.java
 */
record CompareOptions(
    Path root,
    List<Shape> shapes,
    List<Mix> mixes,
    List<Cell> cells,
    int rounds,
    int processes,
    int threads,
    boolean widths,
    Optional<Path> llama,
    Optional<Path> llama3Java) {
  static final String USAGE =
      """
      Usage: benchmarks/compare [OPTIONS]
        --model NAME,...    of llama-3.2-1b, qwen2.5-0.5b, smollm2-135m (default: all)
        --format NAME,...   of f16, q8_0, q4_0, q4_k_m (default: all)
        --cell NAME,...     of prefill, decode, depth, batch (default: all)
        --rounds N          in which everyone is measured once (default: 5)
        --processes N       one after the other, each for so many rounds (default: 1)
        --threads N         of everyone (default: one per physical core)
        --widths            slm with 256-bit vectors too
        --llama FOLDER      llama.cpp's libraries (default: fetched with npm on first use)
        --llama3-java JAR   a build of llama3.java, to be measured too""";

  private static final int MAX_ROUNDS = 1000;
  private static final int MAX_THREADS = 1024;

  /**
   * Reads arguments.
   *
   * @param cores how many threads are used if none are given
   */
  static CompareOptions parse(List<String> arguments, int cores) {
    Parser parser = new Parser(cores);
    for (int i = 0; i < arguments.size(); i++) {
      String option = arguments.get(i);
      if (option.equals("--widths")) {
        parser.widths = true;
      } else if (i + 1 < arguments.size()) {
        parser.take(option, arguments.get(++i));
      } else {
        throw new BenchmarkException("unknown argument, or one without a value: " + option);
      }
    }
    return parser.options();
  }

  /** All models of the shapes and formats. */
  List<Model> models() {
    List<Model> models = new ArrayList<>();
    for (Shape shape : shapes) {
      for (Mix mix : mixes) {
        models.add(new Model(shape, mix));
      }
    }
    return models;
  }

  private static final class Parser {
    private Path root = Path.of("").toAbsolutePath();
    private List<Shape> shapes = Shape.ALL;
    private List<Mix> mixes = List.of(Mix.values());
    private List<Cell> cells = Cell.ALL;
    private int rounds = 5;
    private int processes = 1;
    private int threads;
    private boolean widths;
    private Optional<Path> llama = Optional.empty();
    private Optional<Path> llama3Java = Optional.empty();

    Parser(int cores) {
      threads = cores;
    }

    void take(String option, String value) {
      switch (option) {
        case "--root" -> root = Path.of(value).toAbsolutePath();
        case "--model" -> shapes = list(value, Shape::named);
        case "--format" -> mixes = list(value, Mix::named);
        case "--cell" -> cells = list(value, Cell::named);
        case "--rounds" -> rounds = number(option, value, MAX_ROUNDS);
        case "--processes" -> processes = number(option, value, MAX_ROUNDS);
        case "--threads" -> threads = number(option, value, MAX_THREADS);
        case "--llama" -> llama = Optional.of(Path.of(value).toAbsolutePath());
        case "--llama3-java" -> llama3Java = Optional.of(Path.of(value).toAbsolutePath());
        default -> throw new BenchmarkException("unknown argument " + option);
      }
    }

    private static <T> List<T> list(String value, Function<String, T> named) {
      return Arrays.stream(value.split(",", -1)).map(named).distinct().toList();
    }

    private static int number(String option, String value, int max) {
      int number = value.matches("[0-9]{1,6}") ? Integer.parseInt(value) : 0;
      if (number < 1 || number > max) {
        throw new BenchmarkException(
            option + " must be in 1.." + max + " but is \"" + value + "\"");
      }
      return number;
    }

    CompareOptions options() {
      return new CompareOptions(
          root, shapes, mixes, cells, rounds, processes, threads, widths, llama, llama3Java);
    }
  }
}
