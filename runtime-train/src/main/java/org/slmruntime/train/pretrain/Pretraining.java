package org.slmruntime.train.pretrain;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.graph.Weight;
import org.slmruntime.model.Model;
import org.slmruntime.model.Models;
import org.slmruntime.tensor.DType;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.cpu.CpuTrainer;
import org.slmruntime.train.gradient.BackwardProgram;
import org.slmruntime.train.loop.FolderLock;
import org.slmruntime.train.loop.ShuffledBatches;
import org.slmruntime.train.loop.TrainingFolder;
import org.slmruntime.train.loop.TrainingListener;
import org.slmruntime.train.loop.TrainingLoop;
import org.slmruntime.train.loop.TrainingPlan;
import org.slmruntime.train.loop.TrainingState;
import org.slmruntime.train.tokenizer.BpeOptions;
import org.slmruntime.train.tokenizer.BpeTrainer;
import org.slmruntime.train.tokenizer.BpeVocabulary;

/**
 * Trains a small model from nothing: learns a vocabulary, draws first weights, goes through the
 * texts. While it is unfinished its folder has a checkpoint and {@code start.gguf} beside it; at
 * the end it has {@code model.gguf}.
 *
 * @param name of the model
 * @param vocabulary tokens at most
 * @param perBatch texts that are run at once
 * @param perStep batches whose gradients are added up to a step
 * @param seed of first weights and of the order of texts
 * @param type of the finished model's matrices
 */
public record Pretraining(
    String name,
    Corpus corpus,
    LlamaShape shape,
    int vocabulary,
    TrainingPlan plan,
    int perBatch,
    int perStep,
    long seed,
    DType type) {
  private static final String START = "start.gguf";

  /** All that decides what comes out; the number of threads does not. */
  private Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("texts", corpus.description());
    settings.put("shape", shape.toString());
    settings.put("vocabulary", Integer.toString(vocabulary));
    settings.putAll(plan.settings());
    settings.put("batches", perStep + " of " + perBatch);
    settings.put("seed", Long.toString(seed));
    return settings;
  }

  public TrainingFolder folder(Path out) {
    return new TrainingFolder(out, name, settings());
  }

  /** Where the finished model is. */
  public static Path model(Path out) {
    return out.resolve("model.gguf");
  }

  private static Path start(Path out) {
    return out.resolve(START);
  }

  /**
   * Trains.
   *
   * @param resume whether from the checkpoint; otherwise from the beginning, replacing what is
   *     there
   * @param stop is asked before each step
   * @return whether the model is finished; otherwise there is a checkpoint to go on from
   * @throws TrainException if the checkpoint is of a training with other settings
   */
  public boolean run(
      Path out, boolean resume, int threads, TrainingListener listener, BooleanSupplier stop) {
    TrainingFolder folder = folder(out);
    try (FolderLock _ = folder.lock()) {
      if (!resume) {
        folder.clear();
        StartingModel.write(start(out), name, shape, learnVocabulary(), seed);
      }
      if (!finish(out, folder, threads, listener, stop)) {
        return false;
      }
      folder.clear();
      folder.delete(START);
      return true;
    }
  }

  private boolean finish(
      Path out,
      TrainingFolder folder,
      int threads,
      TrainingListener listener,
      BooleanSupplier stop) {
    try (GgufFile file = GgufFile.open(start(out))) {
      Model model = Models.build(file);
      TrainingState state = train(model, folder, threads, listener, stop);
      boolean finished = state.step() >= plan.steps();
      if (finished) {
        TrainedModel.write(model(out), model, state.weights(), type);
      }
      return finished;
    }
  }

  BpeVocabulary learnVocabulary() {
    return BpeTrainer.train(corpus.vocabularyTexts(), BpeOptions.ofSize(vocabulary));
  }

  private TrainingState train(
      Model model,
      TrainingFolder folder,
      int threads,
      TrainingListener listener,
      BooleanSupplier stop) {
    Map<Weight, float[]> weights = TrainedModel.weights(model);
    BackwardProgram program = BackwardProgram.of(model.graph(), weights.keySet());
    TrainingState state =
        folder.resume(weights.keySet()).orElseGet(() -> TrainingState.start(weights));
    Corpus.Examples examples = corpus.examples(model.file().metadata(), shape.context());
    ShuffledBatches batches =
        new ShuffledBatches(examples.count(), examples::get, perBatch, perStep, seed);
    try (CpuTrainer trainer = new CpuTrainer(program, state.weights(), model.weights(), threads)) {
      List<TrainingBatch> validation = ShuffledBatches.inOrder(examples.validation(), perBatch);
      new TrainingLoop(plan, trainer, batches, validation, state).run(listener, folder::save, stop);
    }
    return state;
  }
}
