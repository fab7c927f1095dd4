package org.slmruntime.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.slmruntime.SlmException;
import org.slmruntime.backend.Backends;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.engine.ModelRunner;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.json.Json;
import org.slmruntime.lora.Adapters;
import org.slmruntime.model.Model;
import org.slmruntime.model.Models;
import org.slmruntime.tensor.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what is in a model file and what it needs. */
@Command(
    name = "inspect",
    description = "Show metadata, tensors, sizes and the memory needed per context length.",
    footer = {"", "Examples:", "  slm inspect model.gguf", "  slm inspect model.gguf --graph"})
final class InspectCommand implements Callable<Integer> {
  /**
   * What a process holds beside a model: classes, compiled code, the compiler's memory, the young
   * generation, a large vocabulary. Measured as 80 to 110 MB with the flags that {@code slm} sets.
   */
  private static final long JAVA_BYTES = 100L << 20;

  private static final int LONGEST_LINE = 100;

  @Mixin ModelArguments model;

  @Option(names = "--json", description = "Print JSON.")
  boolean json;

  @Option(names = "--graph", description = "Print the graph too.")
  boolean graph;

  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    ModelOptions options = model.options();
    try (GgufFile file = GgufFile.open(model.path())) {
      PrintWriter out = spec.commandLine().getOut();
      Optional<Model> built = attempt(() -> Adapters.apply(Models.build(file), options.adapters()));
      try {
        List<Map<String, Object>> memory =
            built.flatMap(m -> attempt(() -> memory(m, options))).orElse(List.of());
        if (json) {
          out.println(Json.write(asJson(file, memory)));
        } else {
          print(file, built, memory, out);
        }
      } finally {
        built.ifPresent(m -> m.file().close());
      }
      out.flush();
    }
    return 0;
  }

  /** A model that cannot be run here is shown all the same, with the reason. */
  private <T> Optional<T> attempt(Supplier<T> work) {
    try {
      return Optional.of(work.get());
    } catch (SlmException e) {
      spec.commandLine().getErr().println("slm: cannot be run: " + Output.oneLine(e.getMessage()));
      spec.commandLine().getErr().flush();
      return Optional.empty();
    }
  }

  /** Memory by context length, from 1024 tokens to the model's own. */
  private List<Map<String, Object>> memory(Model m, ModelOptions options) {
    List<Map<String, Object>> rows = new ArrayList<>();
    Backends.Choice choice =
        Backends.choose(
            model.backend,
            options.backendOptions(),
            backend -> backend.unsupported(m.graph(), m.weights()));
    try (Backend backend = choice.backend()) {
      int longest = model.context > 0 ? model.context : m.contextLength();
      for (long context = 1024; context < longest; context *= 4) {
        rows.add(memory(m, backend, (int) context, options));
      }
      rows.add(memory(m, backend, longest, options));
    }
    return rows;
  }

  private Map<String, Object> memory(Model m, Backend backend, int context, ModelOptions options) {
    MemoryUse use = backend.estimate(m.graph(), m.weights(), ModelRunner.limits(context, options));
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("backend", backend.id());
    row.put("context", context);
    row.put("mapped_weights", use.mappedWeights());
    row.put("weights", use.weights());
    row.put("kv_cache", use.kvCache());
    row.put("workspace", use.workspace());
    row.put("total", use.total());
    return row;
  }

  private Map<String, Object> asJson(GgufFile file, List<Map<String, Object>> memory) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    file.metadata().values().forEach((key, value) -> metadata.put(key, jsonValue(value)));
    List<Object> tensors = new ArrayList<>();
    for (StoredTensor t : file.tensors()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("name", t.name());
      row.put("type", t.type().toString());
      row.put("shape", t.dims());
      row.put("bytes", t.data().byteSize());
      row.put("file", file.location(t.name()).shard());
      row.put("offset", file.location(t.name()).offset());
      tensors.add(row);
    }
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("file", file.source());
    root.put("version", file.version());
    root.put("bytes", file.fileBytes());
    root.put("parameters", parameters(file));
    root.put("metadata", metadata);
    root.put("tensors", tensors);
    root.put("memory", memory);
    root.put("java_memory", JAVA_BYTES);
    return root;
  }

  private static Object jsonValue(Object value) {
    return switch (value) {
      case int[] v -> Arrays.stream(v).boxed().toList();
      case long[] v -> Arrays.stream(v).boxed().toList();
      case double[] v -> Arrays.stream(v).boxed().toList();
      case float[] v -> {
        List<Object> list = new ArrayList<>();
        for (float x : v) {
          list.add(Float.isFinite(x) ? x : null);
        }
        yield list;
      }
      case boolean[] v -> {
        List<Object> list = new ArrayList<>();
        for (boolean x : v) {
          list.add(x);
        }
        yield list;
      }
      case Double d when !Double.isFinite(d) -> null;
      default -> value;
    };
  }

  private static long parameters(GgufFile file) {
    return file.tensors().stream().mapToLong(StoredTensor::elements).sum();
  }

  private void print(
      GgufFile file, Optional<Model> built, List<Map<String, Object>> memory, PrintWriter out) {
    out.printf(
        "%s: GGUF version %d, %s, %d tensors, %d parameters%n",
        file.source(),
        file.version(),
        Output.bytes(file.fileBytes()),
        file.tensors().size(),
        parameters(file));
    out.println("\nMetadata");
    file.metadata()
        .values()
        .forEach((k, v) -> out.println("  " + Output.oneLine(k) + " = " + shown(v)));
    out.println("\nTensors");
    Map<DType, Long> bytesByType = new TreeMap<>();
    for (StoredTensor t : file.tensors()) {
      out.printf(
          "  %-36s %-8s %-20s %s%n",
          Output.oneLine(t.name()), t.type(), t.dims(), Output.bytes(t.data().byteSize()));
      bytesByType.merge(t.type(), t.data().byteSize(), Long::sum);
    }
    out.println("\nBytes by type");
    bytesByType.forEach((type, bytes) -> out.printf("  %-8s %s%n", type, Output.bytes(bytes)));
    if (graph) {
      built.ifPresent(m -> out.println("\n" + m.graph()));
    }
    if (!memory.isEmpty()) {
      out.printf(
          "%nMemory on backend %s, one sequence; Java itself takes some %s more%n",
          memory.getFirst().get("backend"), Output.bytes(JAVA_BYTES));
      out.println("   context     mapped    weights   KV cache  workspace      total");
    }
    for (Map<String, Object> row : memory) {
      out.printf("  %8d", (Integer) row.get("context"));
      for (String key : List.of("mapped_weights", "weights", "kv_cache", "workspace", "total")) {
        out.printf(" %10s", Output.bytes((Long) row.get(key)));
      }
      out.println();
    }
  }

  /** A value on one line, long ones cut. */
  private static String shown(Object value) {
    Object json = jsonValue(value);
    String text =
        json instanceof List<?> list && list.size() > 8
            ? Json.write(list.subList(0, 8)).replaceFirst("]$", ",...] (" + list.size() + ")")
            : Json.write(json);
    return text.length() <= LONGEST_LINE ? text : text.substring(0, LONGEST_LINE) + "...";
  }
}
