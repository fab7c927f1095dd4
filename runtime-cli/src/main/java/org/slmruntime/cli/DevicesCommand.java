package org.slmruntime.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slmruntime.backend.Backends;
import org.slmruntime.backend.spi.Availability.Available;
import org.slmruntime.backend.spi.Availability.Unavailable;
import org.slmruntime.json.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what was probed. */
@Command(
    name = "devices",
    description = "Show which backends can run here, what they found, and why others cannot.",
    footer = {"", "Example:", "  slm devices --json"})
final class DevicesCommand implements Callable<Integer> {
  /** What the first line of a backend says; the rest follows it. */
  private static final List<String> HEADING = List.of("backend", "available", "device", "reason");

  @Option(names = "--json", description = "Print JSON.")
  boolean json;

  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    report(Backends.probe(), json, out);
    out.flush();
    return 0;
  }

  static void report(List<Backends.Probe> probes, boolean json, PrintWriter out) {
    List<Map<String, Object>> rows = probes.stream().map(DevicesCommand::row).toList();
    if (json) {
      out.println(Json.write(rows));
      return;
    }
    rows.forEach(row -> print(row, out));
    rows.stream()
        .filter(row -> row.get("available").equals(true))
        .findFirst()
        .ifPresent(
            row ->
                out.println(
                    "auto chooses " + row.get("backend") + " unless the model does not fit it"));
  }

  private static Map<String, Object> row(Backends.Probe probe) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("backend", probe.provider().id());
    switch (probe.availability()) {
      case Available a -> {
        row.put("available", true);
        row.put("device", a.device());
        row.put("memory", a.memoryBytes());
      }
      case Unavailable u -> {
        row.put("available", false);
        row.put("reason", u.reason());
      }
    }
    row.putAll(probe.provider().details());
    return row;
  }

  private static void print(Map<String, Object> row, PrintWriter out) {
    boolean available = row.get("available").equals(true);
    String told = available ? "" + row.get("device") : "no: " + row.get("reason");
    out.println(row.get("backend") + ": " + Output.oneLine(told));
    row.forEach(
        (key, value) -> {
          if (!HEADING.contains(key)) {
            String shown = key.equals("memory") ? Output.bytes((Long) value) : "" + value;
            out.println("    " + key + ": " + Output.oneLine(shown));
          }
        });
  }
}
