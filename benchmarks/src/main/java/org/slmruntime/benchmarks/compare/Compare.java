package org.slmruntime.benchmarks.compare;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.slmruntime.SlmException;
import org.slmruntime.benchmarks.BenchmarkException;
import org.slmruntime.benchmarks.models.ModelFolder;
import org.slmruntime.benchmarks.models.ModelFolder.Model;
import org.slmruntime.natives.Machine;

/** Measures slm and other programs in turns, so that a machine's moods meet all alike. */
public final class Compare {
  private final CompareOptions options;
  private final PrintStream out;
  private final PrintStream err;
  private final List<Contestant> contestants = new ArrayList<>();
  private String llama = LlamaPackage.NAME + " " + LlamaPackage.VERSION;

  private Compare(CompareOptions options, PrintStream out, PrintStream err) {
    this.options = options;
    this.out = out;
    this.err = err;
  }

  /** Exit code 0: done; 1: failed; 2: usage. */
  public static void main(String[] args) {
    System.exit(run(List.of(args), System.out, System.err));
  }

  static int run(List<String> args, PrintStream out, PrintStream err) {
    if (args.contains("--help")) {
      out.println(CompareOptions.USAGE);
      return 0;
    }
    CompareOptions options;
    try {
      options = CompareOptions.parse(args, Machine.probe().cores());
    } catch (BenchmarkException e) {
      err.println("compare: " + e.getMessage() + "\n" + CompareOptions.USAGE);
      return 2;
    }
    try {
      new Compare(options, out, err).run();
      return 0;
    } catch (SlmException e) {
      err.println("compare: " + e.getMessage());
      return 1;
    }
  }

  private void run() {
    Path target = options.root().resolve("benchmarks/target");
    ModelFolder folder = new ModelFolder(target.resolve("models"), this::tell);
    folder.make(options.models());
    enter(target);
    ReportFiles files = ReportFiles.ofToday(options.root().resolve("benchmarks/results"));
    Report report = files.read(Facts.of(llama));
    for (Model model : options.models()) {
      List<CellResult> results = new ArrayList<>();
      for (Cell cell : options.cells()) {
        CellResult result = measure(model, folder.file(model), cell);
        results.add(result);
        report = report.with(result);
        files.write(report);
      }
      out.println("\n" + model + "\n\n" + Report.table(results));
    }
    tell("results are in " + files);
  }

  private void enter(Path target) {
    contestants.add(slm(Report.SLM, ""));
    try {
      Path libraries = options.llama().orElseGet(() -> LlamaPackage.libraries(target));
      options.llama().ifPresent(folder -> llama = "given libraries");
      contestants.add(new LlamaCppContestant(libraries, options.threads()));
    } catch (BenchmarkException e) {
      llama = "not measured";
      tell("without llama.cpp: " + e.getMessage());
    }
    options.llama3Java().ifPresentOrElse(this::enterLlama3Java, this::explainLlama3Java);
    if (options.widths()) {
      contestants.add(slm(Report.SLM_256, "-XX:UseAVX=2"));
    }
  }

  private Contestant slm(String name, String flags) {
    return new SlmContestant(name, options.root(), options.threads(), flags);
  }

  private void enterLlama3Java(Path jar) {
    if (!Files.isRegularFile(jar)) {
      throw new BenchmarkException("--llama3-java: there is no file " + jar);
    }
    contestants.add(new Llama3JavaContestant(jar, options.threads()));
  }

  private void explainLlama3Java() {
    tell(
        "without llama3.java: no package registry has it; build its jar and give it with --llama3-java");
  }

  private CellResult measure(Model model, Path file, Cell cell) {
    Map<String, List<Double>> speeds = new LinkedHashMap<>();
    List<Contestant> entered = contestants.stream().filter(c -> c.enters(model, cell)).toList();
    for (int process = 0; process < options.processes(); process++) {
      tell(model + ", " + cell.title() + ": getting ready ...");
      try (Heat heat = new Heat(entered, file, cell)) {
        for (int round = 1; round <= options.rounds(); round++) {
          Map<String, Double> measured = heat.round();
          measured.forEach(
              (name, speed) -> speeds.computeIfAbsent(name, _ -> new ArrayList<>()).add(speed));
          tell(model + ", " + cell.title() + ", round " + round + told(measured));
        }
      }
    }
    return new CellResult(
        model.shape().name(),
        model.mix().name(),
        cell.title(),
        Facts.commit(options.root()),
        options.threads(),
        speeds);
  }

  private static String told(Map<String, Double> speeds) {
    return speeds.entrySet().stream()
        .map(one -> String.format(Locale.ROOT, ", %s %.1f", one.getKey(), one.getValue()))
        .collect(Collectors.joining());
  }

  private void tell(String line) {
    err.println("compare: " + line);
  }
}
