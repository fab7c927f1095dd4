package org.slmruntime.benchmarks.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.slmruntime.json.Json;

/**
 * What {@code slm bench --on-request} does, done by llama.cpp: the same tokens and measurement, and
 * the same lines read and printed. Its code is compiled ahead, so that one run warms it.
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
  public static void main(String[] args) throws IOException {
    int[] sizes = new int[4];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = Integer.parseInt(args[3 + i]);
    }
    Cell cell = new Cell("", sizes[0], sizes[1], sizes[2], sizes[3]);
    int context = cell.depth() + Math.max(cell.prompt(), cell.decode()) + 1;
    try (LlamaLibrary llama =
        LlamaLibrary.open(
            Path.of(args[0]), Path.of(args[1]), Integer.parseInt(args[2]), context, cell.batch())) {
      new LlamaBench(llama, cell).run(System.in, System.out);
    }
  }

  private void run(InputStream in, PrintStream out) throws IOException {
    for (int s = 0; s < cell.batch(); s++) {
      llama.truncate(s, 0);
      llama.append(s, 0, ids(cell.depth()));
    }
    double _ = measure();
    print(out, Map.of("ready", true));
    BufferedReader requests = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    while (requests.readLine() != null) {
      print(out, Map.of(cell.key(), measure()));
    }
  }

  private static void print(PrintStream out, Map<String, Object> answer) {
    out.println(Json.write(answer));
    out.flush();
  }

  private double measure() {
    return cell.prompt() > 0 ? prefill() : decode();
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
