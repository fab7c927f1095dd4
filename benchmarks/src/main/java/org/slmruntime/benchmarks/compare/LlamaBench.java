package org.slmruntime.benchmarks.compare;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.slmruntime.json.Json;

/**
 * What {@code slm bench} does, done by llama.cpp: the same tokens, warm-up and measurement, and the
 * same object printed. Its code is compiled ahead, so that one run warms it.
 */
final class LlamaBench {
  private final LlamaLibrary llama;
  private final Cell cell;
  private final SplittableRandom random = new SplittableRandom(1);

  private LlamaBench(LlamaLibrary llama, Cell cell) {
    this.llama = llama;
    this.cell = cell;
  }

  /** Arguments: folder of the libraries, model, threads, prompt, decode, batch, depth. */
  public static void main(String[] args) {
    int[] sizes = new int[4];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = Integer.parseInt(args[3 + i]);
    }
    Cell cell = new Cell("", sizes[0], sizes[1], sizes[2], sizes[3]);
    int context = cell.depth() + Math.max(cell.prompt(), cell.decode()) + 1;
    try (LlamaLibrary llama =
        LlamaLibrary.open(
            Path.of(args[0]), Path.of(args[1]), Integer.parseInt(args[2]), context, cell.batch())) {
      new LlamaBench(llama, cell).run(System.out);
    }
  }

  private void run(PrintStream out) {
    for (int s = 0; s < cell.batch(); s++) {
      llama.truncate(s, 0);
      llama.append(s, 0, ids(cell.depth()));
    }
    DoubleSupplier speed = cell.prompt() > 0 ? this::prefill : this::decode;
    double _ = speed.getAsDouble();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put(cell.key(), speed.getAsDouble());
    out.println(Json.write(result));
  }

  private double prefill() {
    llama.truncate(0, cell.depth());
    int[] ids = ids(cell.prompt());
    long start = System.nanoTime();
    llama.append(0, cell.depth(), ids);
    return cell.prompt() * 1e9 / (System.nanoTime() - start);
  }

  private double decode() {
    for (int s = 0; s < cell.batch(); s++) {
      llama.truncate(s, cell.depth());
    }
    long start = System.nanoTime();
    for (int i = 0; i < cell.decode(); i++) {
      llama.decode(cell.depth() + i, ids(cell.batch()));
    }
    return cell.decode() * cell.batch() * 1e9 / (System.nanoTime() - start);
  }

  private int[] ids(int count) {
    return random.ints(count, 0, llama.vocabulary()).toArray();
  }
}
