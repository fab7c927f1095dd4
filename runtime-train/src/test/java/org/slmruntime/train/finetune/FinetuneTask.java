package org.slmruntime.train.finetune;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.slmruntime.format.Metadata;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.json.Json;
import org.slmruntime.model.Model;
import org.slmruntime.tensor.DType;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;
import org.slmruntime.train.data.ExampleEncoder;
import org.slmruntime.train.data.ExampleFile;
import org.slmruntime.train.data.Split;
import org.slmruntime.train.loop.TrainingListener;
import org.slmruntime.train.loop.TrainingPlan;
import org.slmruntime.train.optimizer.AdamW;
import org.slmruntime.train.optimizer.CosineSchedule;
import org.slmruntime.train.pretrain.LlamaShape;
import org.slmruntime.train.pretrain.Pretraining;
import org.slmruntime.train.pretrain.TextCorpus;

/** A small model that was trained a little, and a small task for it. */
final class FinetuneTask {
  static final int ROWS = 200;
  static final int BATCH = 8;
  private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
  private static final List<String> THINGS =
      List.of("cat", "sun", "sea", "tree", "rose", "snow", "coal", "bear");
  private static final List<String> COLOURS =
      List.of("grey", "gold", "blue", "green", "red", "white", "black", "brown");

  private FinetuneTask() {}

  static TrainingPlan plan(double rate, long steps, long evaluateEvery, long saveEvery) {
    return new TrainingPlan(
        new CosineSchedule(rate, rate / 10, 2, steps),
        new AdamW(0.9, 0.95, 1e-8, 0),
        1,
        evaluateEvery,
        saveEvery);
  }

  /** Trains the model on what colours things have, and returns its file. */
  static Path model(Path folder) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      int colour = (i + 1) % COLOURS.size();
      texts.add("The " + THINGS.get(i % THINGS.size()) + " is " + COLOURS.get(colour) + ".");
    }
    Path out = folder.resolve("base");
    new Pretraining(
            "task",
            new TextCorpus("test", texts),
            new LlamaShape(64, 2, 4, 2, 96, 128),
            300,
            plan(1e-2, 60, 60, 60),
            BATCH,
            1,
            7,
            DType.F32)
        .run(out, false, 2, TrainingListener.NONE, () -> false);
    return Pretraining.model(out);
  }

  /** Writes the same model with matrices of Q8_0. */
  static Path quantized(GgufFile model, Path folder) {
    GgufWriter writer = new GgufWriter();
    model.metadata().values().forEach(writer::put);
    for (StoredTensor tensor : model.tensors()) {
      DType type = tensor.dims().size() == 1 ? DType.F32 : DType.Q8_0;
      writer.add(tensor.name(), type, tensor.dims(), tensor.values());
    }
    Path file = folder.resolve("quantized.gguf");
    writer.write(file);
    return file;
  }

  /** Writes the same sentences, but now each thing has another colour. */
  static Path rows(Path folder, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      int at = random.nextInt(THINGS.size());
      String prompt = "The " + THINGS.get(at) + " is";
      rows.add(Json.write(Map.of("prompt", prompt, "completion", " " + COLOURS.get(at) + ".")));
    }
    return Files.write(folder.resolve("rows.jsonl"), rows);
  }

  static Split data(Model model, Path rows) throws IOException {
    Metadata metadata = model.file().metadata();
    Tokenizer tokenizer = Tokenizers.fromGguf(metadata).orElseThrow();
    ExampleEncoder encoder = new ExampleEncoder(tokenizer, Optional.empty(), CLOCK, 128);
    return Split.drawn(ExampleFile.read(rows, encoder).examples(), 0.1, 1);
  }

  static AdapterSettings adapter(double dropout) {
    return new AdapterSettings(8, 16, false, Set.of(Target.values()), dropout);
  }
}
