package org.slmruntime.train.finetune;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slmruntime.graph.Weight;
import org.slmruntime.lora.LoraGraph;
import org.slmruntime.lora.LowRank;
import org.slmruntime.lora.PeftWriter;
import org.slmruntime.model.Model;
import org.slmruntime.train.Dropout;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.cpu.Activations;
import org.slmruntime.train.cpu.CpuTrainer;
import org.slmruntime.train.data.Split;
import org.slmruntime.train.gradient.BackwardProgram;
import org.slmruntime.train.loop.Example;
import org.slmruntime.train.loop.FolderLock;
import org.slmruntime.train.loop.LossHistory;
import org.slmruntime.train.loop.ShuffledBatches;
import org.slmruntime.train.loop.TrainingFolder;
import org.slmruntime.train.loop.TrainingListener;
import org.slmruntime.train.loop.TrainingLoop;
import org.slmruntime.train.loop.TrainingPlan;
import org.slmruntime.train.loop.TrainingState;

/**
 * Trains an adapter of a model. While that is unfinished its folder has a checkpoint; at the end it
 * has the adapter, in PEFT's layout, and how the losses went.
 *
 * @param model whose own weights stay as they are, in any format that can be decoded
 * @param perBatch examples that are run at once
 * @param perStep batches whose gradients are added up to a step
 * @param seed of first weights, of the order of examples and of what is dropped
 * @param activations whether those of the forward pass are kept; the result is the same
 */
public record Finetuning(
    Model model,
    AdapterSettings adapter,
    Split data,
    TrainingPlan plan,
    int perBatch,
    int perStep,
    long seed,
    Activations activations) {
  private static final String TITLE = "slm finetune";

  /** The file that is written last. */
  private static final String CONFIG = "adapter_config.json";

  /** All that decides what comes out; the number of threads does not. */
  private Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("model", model.file().identity().orElse(model.file().source()));
    settings.put("examples", Fingerprint.of(data));
    settings.put("rank", Integer.toString(adapter.rank()));
    settings.put("scale", Float.toString(adapter.peft("").scale()));
    settings.put("targets", new TreeSet<>(adapter.targets()).toString());
    settings.put("dropout", Double.toString(adapter.dropout()));
    settings.putAll(plan.settings());
    settings.put("batches", perStep + " of " + perBatch);
    settings.put("seed", Long.toString(seed));
    return settings;
  }

  /** Where a training of this kind keeps its files. */
  public TrainingFolder folder(Path out) {
    return new TrainingFolder(out, TITLE + ": " + model.graph().name(), settings());
  }

  /** Whether a folder has an adapter that is complete. */
  public static boolean isFinished(Path out) {
    return Files.exists(out.resolve(CONFIG));
  }

  /** The memory that the training takes beside the model's file. */
  public MemoryNeed memory() {
    Dropout dropout = dropout();
    return MemoryNeed.of(
        trainedWeights(),
        data,
        perBatch,
        (tokens, outputs) ->
            CpuTrainer.activationFloats(program(), activations, dropout, tokens, outputs));
  }

  private List<LowRank> changes() {
    return adapter.changes(adapter.layers(model.graph()));
  }

  private BackwardProgram program() {
    List<LowRank> changes = changes();
    Set<Weight> trained =
        changes.stream()
            .flatMap(change -> Stream.of(change.a(), change.b()))
            .collect(Collectors.toSet());
    return BackwardProgram.of(LoraGraph.adapt(model.graph(), changes), trained);
  }

  /** Of what comes into the matrices A. */
  private Dropout dropout() {
    Set<Weight> inputs = changes().stream().map(LowRank::a).collect(Collectors.toSet());
    return new Dropout(inputs, adapter.dropout(), seed);
  }

  /** How many weights learn. */
  public long trainedWeights() {
    return changes().stream()
        .mapToLong(change -> change.a().elements() + change.b().elements())
        .sum();
  }

  /**
   * Trains.
   *
   * @param resume whether from the checkpoint; otherwise from the beginning
   * @param stop is asked before each step
   * @return how the losses went; the adapter is there if all steps are done, otherwise a checkpoint
   *     to go on from
   * @throws org.slmruntime.train.TrainException if the checkpoint is of a training with other
   *     settings
   */
  public LossHistory run(
      Path out, boolean resume, int threads, TrainingListener listener, BooleanSupplier stop) {
    TrainingFolder folder = folder(out);
    try (FolderLock _ = folder.lock()) {
      if (!resume) {
        folder.clear();
        folder.delete(CONFIG);
      }
      return run(out, folder, threads, listener, stop);
    }
  }

  private LossHistory run(
      Path out,
      TrainingFolder folder,
      int threads,
      TrainingListener listener,
      BooleanSupplier stop) {
    Map<Weight, float[]> first = AdapterSettings.firstWeights(changes(), seed);
    TrainingState state = folder.resume(first.keySet()).orElseGet(() -> TrainingState.start(first));
    if (train(state, folder, threads, listener, stop)) {
      new PeftWriter(model.graph(), adapter.peft(model.file().source()))
          .write(out, adapter.layers(model.graph()), state.weights());
      folder.clear();
    }
    return state.history();
  }

  private boolean train(
      TrainingState state,
      TrainingFolder folder,
      int threads,
      TrainingListener listener,
      BooleanSupplier stop) {
    List<Example> examples = data.training();
    ShuffledBatches batches =
        new ShuffledBatches(examples.size(), examples::get, perBatch, perStep, seed);
    List<TrainingBatch> validation = ShuffledBatches.inOrder(data.validation(), perBatch);
    try (CpuTrainer trainer =
        new CpuTrainer(program(), state.weights(), model.weights(), activations, threads)) {
      return new TrainingLoop(plan, trainer, batches, validation, dropout(), state)
          .run(listener, folder::save, stop);
    }
  }
}
