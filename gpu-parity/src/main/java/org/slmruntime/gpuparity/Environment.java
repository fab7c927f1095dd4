package org.slmruntime.gpuparity;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slmruntime.natives.CudaHost;
import org.slmruntime.natives.Machine;

/** What the run runs on. */
final class Environment {
  private Environment() {}

  static SectionResult describe(CudaHost host) {
    Machine machine = Machine.probe();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("date", Instant.now().toString());
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("processor", machine.processor() + ", " + machine.cores() + " cores");
    facts.put("memory", (machine.memoryBytes() >> 30) + " GiB");
    facts.put("java", System.getProperty("java.vendor") + " " + System.getProperty("java.version"));
    facts.putAll(host.facts());
    List<Map<String, Object>> rows = new ArrayList<>();
    facts.forEach(
        (key, value) -> {
          Map<String, Object> row = new LinkedHashMap<>();
          row.put("what", key);
          row.put("found", value);
          rows.add(row);
        });
    String told = host.problem().map(why -> "no GPU can be used: " + why).orElse("a GPU is here");
    return new SectionResult("environment", true, told, rows);
  }
}
