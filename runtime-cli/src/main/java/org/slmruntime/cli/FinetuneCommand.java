package org.slmruntime.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.slmruntime.backend.spi.JavaHeap;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.model.Model;
import org.slmruntime.model.Models;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.cpu.Activations;
import org.slmruntime.train.data.BadRowsException;
import org.slmruntime.train.data.Split;
import org.slmruntime.train.finetune.AdapterSettings;
import org.slmruntime.train.finetune.Finetuning;
import org.slmruntime.train.finetune.MemoryNeed;
import org.slmruntime.train.finetune.Target;
import org.slmruntime.train.loop.LossHistory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a low-rank adapter of a model. */
@Command(
    name = "finetune",
    description = "Teach a model from examples: train a LoRA adapter for it.",
    footer = {
      "",
      "A line of FILE.jsonl is {\"messages\": [{\"role\": \"user\", \"content\": \"...\"}, ...]},",
      "of which the answers are learned, {\"prompt\": \"...\", \"completion\": \"...\"}, or",
      "{\"text\": \"...\"}.",
      "",
      "DIR gets the adapter (PEFT's adapter_config.json and adapter_model.safetensors), loss.csv and",
      "loss.svg. Ctrl-C leaves a checkpoint after the current step, from which the same command with",
      "--resume goes on to the same bits.",
      "",
      "Examples:",
      "  slm finetune model.gguf --data chats.jsonl --out adapter",
      "  slm finetune model-q4_k_m.gguf --data tasks.jsonl --out adapter --rank 16 --epochs 5",
      "  slm run model.gguf --lora adapter -p \"Hello\""
    })
final class FinetuneCommand implements Callable<Integer> {
  private static final int DECIMALS = 4;

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description =
          "A GGUF file in any format, quantized or not, or a name that was pulled (default: the"
              + " demo model).")
  Path model;

  @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where it is made.")
  Path out;

  @Mixin FinetuneData data = new FinetuneData();

  @Option(
      names = "--rank",
      paramLabel = "N",
      description = "Rank of the adapter's matrices (default: ${DEFAULT-VALUE}).")
  int rank = 8;

  @Option(
      names = "--alpha",
      paramLabel = "X",
      description = "Their product is multiplied with X/rank (default: ${DEFAULT-VALUE}).")
  double alpha = 16;

  @Option(
      names = "--rslora",
      description = "Multiply with X over the root of the rank instead (rsLoRA).")
  boolean rankStabilized;

  @Option(
      names = "--targets",
      paramLabel = "LIST",
      description = "Layers that learn: all, or of q,k,v,o,gate,up,down (default: all).")
  String targets = "all";

  @Option(
      names = "--dropout",
      paramLabel = "X",
      description = "Share of the adapter's inputs left out in a step (default: ${DEFAULT-VALUE}).")
  double dropout;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Steps of training (default: by --epochs).")
  Long steps;

  @Option(
      names = "--epochs",
      paramLabel = "X",
      description = "Times that all examples are seen (default: 3).")
  Double epochs;

  @Option(
      names = "--recompute",
      description = "Compute activations twice, which takes longer and much less memory.")
  boolean recompute;

  @Option(names = "--json", description = "Print one JSON object at the end.")
  boolean json;

  @Mixin TrainingArguments training = new TrainingArguments(8, 5e-4, 0);

  @Override
  public Integer call() throws IOException {
    AdapterSettings adapter = adapter();
    training.check();
    training.checkSteps(steps);
    training.checkFolder(out, Finetuning.isFinished(out), "an adapter");
    try (GgufFile file = GgufFile.open(path())) {
      Model opened = Models.build(file);
      return train(finetuning(opened, adapter, split(opened)));
    }
  }

  private Path path() {
    return model == null
        ? ModelPath.demo(training.spec, training.quiet)
        : ModelPath.resolve(model, training.spec, training.quiet);
  }

  private AdapterSettings adapter() {
    if (epochs != null && (steps != null || !(epochs > 0))) {
      throw training.usage(
          steps != null
              ? "--epochs and --steps say the same; give one"
              : "--epochs must be above 0 but is " + epochs);
    }
    try {
      return new AdapterSettings(rank, alpha, rankStabilized, Target.parse(targets), dropout);
    } catch (TrainException e) {
      throw training.usage(e.getMessage());
    }
  }

  /** Names all bad rows before the failure itself. */
  private Split split(Model opened) throws IOException {
    try {
      return data.read(opened, training);
    } catch (BadRowsException e) {
      e.problems()
          .forEach(
              problem ->
                  training.spec.commandLine().getErr().println("slm: " + Output.oneLine(problem)));
      throw e;
    }
  }

  private Finetuning finetuning(Model opened, AdapterSettings adapter, Split split) {
    double times = epochs != null ? epochs : 3;
    long usual = (long) Math.ceil(times * split.training().size() / training.batch);
    return new Finetuning(
        opened,
        adapter,
        split,
        training.plan(steps != null ? steps : usual),
        training.perBatch(),
        training.accumulate,
        training.seed,
        recompute ? Activations.RECOMPUTED : Activations.KEPT);
  }

  private int train(Finetuning finetuning) {
    requireMemory(finetuning);
    try (TrainingInterrupt interrupt = new TrainingInterrupt()) {
      LossHistory history = run(finetuning, interrupt);
      if (!Finetuning.isFinished(out)) {
        return training.interrupted();
      }
      report(finetuning, history).print(training.spec.commandLine().getOut(), json);
      return 0;
    }
  }

  private LossHistory run(Finetuning finetuning, TrainingInterrupt interrupt) {
    TrainingProgress progress = training.progress(finetuning.plan().steps());
    try {
      return finetuning.run(out, training.resume, training.threads(), progress, interrupt);
    } finally {
      progress.end();
    }
  }

  private void requireMemory(Finetuning finetuning) {
    MemoryNeed need = finetuning.memory();
    training.notice(
        finetuning.trainedWeights()
            + " weights learn in "
            + finetuning.plan().steps()
            + " steps; "
            + Output.bytes(need.total())
            + " of memory beside the model's file: "
            + Output.bytes(need.activations())
            + " for a batch, "
            + Output.bytes(need.weights())
            + " for weights, gradients and moments");
    long free = JavaHeap.free(need.total());
    if (need.total() > free) {
      throw new TrainException(
          "training needs "
              + Output.bytes(need.total())
              + " of Java's heap, "
              + Output.bytes(need.total() - free)
              + " more than it has; a larger --accumulate, a smaller --ctx or --recompute need less,"
              + " SLM_JAVA_OPTS=-Xmx16g allows 16 GiB");
    }
  }

  private Report report(Finetuning finetuning, LossHistory history) {
    Report report = new Report();
    report
        .text("adapter", "adapter", out.toString())
        .count("weights", "trained weights", finetuning.trainedWeights())
        .count("steps", "steps", finetuning.plan().steps());
    loss(
        report,
        "loss",
        "training loss",
        history.training().stream().mapToDouble(LossHistory.Training::loss).toArray());
    loss(
        report,
        "validation_loss",
        "validation loss",
        history.validation().stream().mapToDouble(LossHistory.Validation::loss).toArray());
    return report;
  }

  private static void loss(Report report, String key, String label, double[] losses) {
    if (losses.length > 0) {
      report
          .value("first_" + key, "first " + label, DECIMALS, losses[0])
          .value(key, "last " + label, DECIMALS, losses[losses.length - 1]);
    }
  }
}
