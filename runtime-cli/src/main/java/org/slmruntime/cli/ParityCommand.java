package org.slmruntime.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.slmruntime.backend.Backends;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.engine.EngineException;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.engine.ModelRunner;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.graph.Node;
import org.slmruntime.model.Models;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the same tokens on several backends and compares every activation. */
@Command(
    name = "parity",
    description =
        "Compare backends op by op: the largest error per layer, the first op that parts.",
    footer = {"", "Example:", "  slm parity model.gguf --backends reference,cpu"})
final class ParityCommand implements Callable<Integer> {
  @Mixin ModelArguments model;

  @Option(
      names = "--backends",
      split = ",",
      paramLabel = "ID",
      defaultValue = "reference,cpu",
      description = "The first is what the others are held against (default: ${DEFAULT-VALUE}).")
  List<String> backends;

  @Option(
      names = "--ids",
      paramLabel = "ID,ID,...",
      description = "Token ids (default: 16 random ones).")
  Values.TokenIds ids;

  @Option(
      names = "--tolerance",
      paramLabel = "X",
      defaultValue = "0.02",
      description =
          "Largest allowed relative RMS error of an activation (default: ${DEFAULT-VALUE}).")
  double tolerance;

  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    check();
    PrintWriter out = spec.commandLine().getOut();
    int[] tokens = ids != null ? ids.ids() : randomIds();
    Map<Node, float[]> expected = activations(backends.getFirst(), tokens);
    boolean agree = true;
    for (String backend : backends.subList(1, backends.size())) {
      agree &= compare(backend, expected, activations(backend, tokens), out);
    }
    out.flush();
    return agree ? 0 : 1;
  }

  private void check() {
    String problem =
        backends.size() < 2
            ? "--backends needs two or more"
            : !model.backend.equals(Backends.AUTO)
                ? "the backends are given with --backends, not --backend"
                : tolerance >= 0 ? null : "--tolerance must not be negative but is " + tolerance;
    if (problem != null) {
      throw new ParameterException(spec.commandLine(), problem);
    }
    backends.forEach(model::checkBackend);
  }

  private int[] randomIds() {
    try (GgufFile file = GgufFile.open(model.path())) {
      int vocabulary = Models.build(file).vocabulary();
      return new SplittableRandom(1).ints(16, 0, vocabulary).toArray();
    }
  }

  private Map<Node, float[]> activations(String backend, int[] tokens) {
    int context = model.context > 0 ? model.context : tokens.length;
    if (tokens.length > context) {
      throw new EngineException(
          tokens.length + " token ids are more than the context of " + context + " tokens");
    }
    Map<Node, float[]> values = new LinkedHashMap<>();
    ModelOptions options =
        model
            .options()
            .backend(backend)
            .contextLength(context)
            .stepTokens(tokens.length)
            .maxOutputs(tokens.length)
            .observer(
                (node, rows, data) -> {
                  int width = node.output().orElseThrow().width();
                  values.put(node, Arrays.copyOf(data, rows * width));
                });
    try (ModelRunner runner = ModelRunner.open(model.path(), options);
        ModelRunner.Sequence sequence = runner.newSequence()) {
      runner.forwardAll(sequence, tokens, tokens.length, (_, _, _) -> {});
    }
    return values;
  }

  private boolean compare(
      String backend, Map<Node, float[]> expected, Map<Node, float[]> actual, PrintWriter out) {
    Map<Integer, String> worstOfLayer = new TreeMap<>();
    Map<Integer, Double> errorOfLayer = new TreeMap<>();
    List<String> parting = new ArrayList<>();
    List<Node> shared = expected.keySet().stream().filter(actual::containsKey).toList();
    if (shared.isEmpty()) {
      throw new BackendException("backend " + backend + " shows no activations to compare");
    }
    shared.forEach(
        node -> {
          double error = relativeError(expected.get(node), actual.get(node));
          if (!(error <= errorOfLayer.getOrDefault(node.layer(), -1.0))) {
            errorOfLayer.put(node.layer(), error);
            worstOfLayer.put(node.layer(), node.name());
          }
          if (!(error <= tolerance)) {
            parting.add(node.qualifiedName() + String.format(Locale.ROOT, " (%.3g)", error));
          }
        });
    out.printf(
        "%s against %s, relative RMS error of %d of %d activations:%n",
        backend, backends.getFirst(), shared.size(), expected.size());
    errorOfLayer.forEach(
        (layer, error) ->
            out.printf(
                Locale.ROOT,
                "  %-10s %.3g at %s%n",
                layer < 0 ? "outside" : "layer " + layer,
                error,
                worstOfLayer.get(layer)));
    out.println(
        parting.isEmpty()
            ? "  agrees within " + tolerance
            : "  first parts at " + parting.getFirst());
    return parting.isEmpty();
  }

  private static double relativeError(float[] expected, float[] actual) {
    double difference = 0;
    double square = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) expected[i] - actual[i], 2);
      square += Math.pow(expected[i], 2);
    }
    return square == 0 ? Math.sqrt(difference) : Math.sqrt(difference / square);
  }
}
