package org.slmruntime.benchmarks.compare;

import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slmruntime.benchmarks.BenchmarkException;
import org.slmruntime.natives.Machine;

/** What a reader must know about a comparison. */
final class Facts {
  private Facts() {}

  static Map<String, String> of(String llama) {
    Machine machine = Machine.probe();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("date", LocalDate.now(ZoneOffset.UTC).toString());
    facts.put("processor", machine.processor());
    facts.put("cores", Integer.toString(machine.cores()));
    facts.put("memory", (machine.memoryBytes() + (1L << 29) >> 30) + " GiB");
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    facts.put("java", System.getProperty("java.vendor") + " " + System.getProperty("java.version"));
    facts.put("llama.cpp", llama);
    return facts;
  }

  /** The checkout's commit, with a plus if files differ from it. */
  static String commit(Path root) {
    try {
      String commit = git(root, "rev-parse", "--short", "HEAD").strip();
      // Results are written while others are still being measured.
      String changes = git(root, "status", "--porcelain", "--", ".", ":!benchmarks/results");
      return changes.isBlank() ? commit : commit + "+";
    } catch (BenchmarkException _) {
      return "unknown";
    }
  }

  private static String git(Path root, String... arguments) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    return ProcessRun.of(command, Map.of(), root).out();
  }
}
