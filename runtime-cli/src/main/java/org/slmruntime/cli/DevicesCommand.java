package org.slmruntime.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
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
  @Option(names = "--json", description = "Print JSON.")
  boolean json;

  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    List<Object> rows = new ArrayList<>();
    String chosen = null;
    for (Backends.Probe probe : Backends.probe()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("backend", probe.provider().id());
      switch (probe.availability()) {
        case Available a -> {
          row.put("available", true);
          row.put("device", a.device());
          row.put("memory", a.memoryBytes());
          row.putAll(a.facts());
          chosen = chosen == null ? probe.provider().id() : chosen;
        }
        case Unavailable u -> {
          row.put("available", false);
          row.put("reason", u.reason());
        }
      }
      rows.add(row);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.write(rows));
    } else {
      rows.forEach(row -> print(Json.asObject(row, "row"), out));
      out.println("auto chooses " + chosen + " unless the model does not fit it");
    }
    out.flush();
    return 0;
  }

  private static void print(Map<String, Object> row, PrintWriter out) {
    boolean available = Boolean.TRUE.equals(row.get("available"));
    out.println(
        row.get("backend") + ": " + (available ? row.get("device") : "no: " + row.get("reason")));
    row.forEach(
        (key, value) -> {
          if (available && !List.of("backend", "available", "device").contains(key)) {
            out.println(
                "    " + key + ": " + (key.equals("memory") ? Output.bytes((Long) value) : value));
          }
        });
  }
}
