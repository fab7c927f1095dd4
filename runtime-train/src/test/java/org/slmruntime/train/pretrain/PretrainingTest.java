package org.slmruntime.train.pretrain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.model.Model;
import org.slmruntime.model.Models;
import org.slmruntime.tensor.DType;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.loop.Example;
import org.slmruntime.train.loop.LossHistory;
import org.slmruntime.train.loop.TrainingFolder;
import org.slmruntime.train.loop.TrainingListener;
import org.slmruntime.train.loop.TrainingPlan;
import org.slmruntime.train.optimizer.AdamW;
import org.slmruntime.train.optimizer.CosineSchedule;

class PretrainingTest {
  private static final LlamaShape SHAPE = new LlamaShape(32, 2, 4, 2, 64, 48);
  private static final int VOCABULARY = 300;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  @TempDir Path folder;

  private static Pretraining pretraining(Corpus corpus, long steps, long seed) {
    TrainingPlan plan =
        new TrainingPlan(
            new CosineSchedule(0.01, 0.001, 1, steps), new AdamW(0.9, 0.95, 1e-8, 0.1), 1, 4, 4);
    return new Pretraining("tiny", corpus, SHAPE, VOCABULARY, plan, 2, 1, seed, DType.Q8_0);
  }

  private static Corpus sheep() {
    return new TextCorpus(
        "sheep",
        Stream.iterate(1, n -> n + 1)
            .limit(40)
            .map(n -> n + " sheep jumped over the fence, and the shepherd was still awake.")
            .toList());
  }

  @Test
  void aModelLearnsItsTexts() {
    List<Double> losses = new ArrayList<>();
    Path out = folder.resolve("out");
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onValidation(LossHistory.Validation scored) {
            losses.add(scored.loss());
          }
        };
    assertTrue(pretraining(sheep(), 60, seed).run(out, false, 2, listener, () -> false));
    assertTrue(losses.getLast() < 0.3 * losses.getFirst(), losses + " seed " + seed);
    try (GgufFile file = GgufFile.open(Pretraining.model(out))) {
      Model model = Models.build(file);
      assertEquals("tiny", file.metadata().requireString("general.name"));
      assertEquals(SHAPE.parameters(model.vocabulary()), model.parameters());
      assertEquals(SHAPE.context(), model.contextLength());
      assertEquals(DType.Q8_0, file.tensor("blk.1.ffn_down.weight").orElseThrow().type());
      assertEquals(DType.F32, file.tensor("output_norm.weight").orElseThrow().type());
    }
  }

  @Test
  void anInterruptedTrainingEndsWithTheSameFile() throws IOException {
    Pretraining pretraining = pretraining(sheep(), 10, seed);
    Path straight = folder.resolve("straight");
    assertTrue(pretraining.run(straight, false, 1, TrainingListener.NONE, () -> false));
    Path twice = folder.resolve("twice");
    AtomicInteger asked = new AtomicInteger();
    assertFalse(
        pretraining.run(twice, false, 2, TrainingListener.NONE, () -> asked.incrementAndGet() > 6));
    assertFalse(Files.exists(Pretraining.model(twice)), "an unfinished model is none");
    assertTrue(TrainingFolder.isResumable(twice));
    assertTrue(pretraining.run(twice, true, 2, TrainingListener.NONE, () -> false));
    for (String name : new String[] {"model.gguf", "loss.csv", "loss.svg"}) {
      assertArrayEquals(
          Files.readAllBytes(straight.resolve(name)),
          Files.readAllBytes(twice.resolve(name)),
          name + ", seed " + seed);
    }
    try (Stream<Path> left = Files.list(twice)) {
      long shown = left.filter(file -> !file.getFileName().toString().startsWith(".")).count();
      assertEquals(3, shown, "checkpoint and first weights are gone");
    }
  }

  @Test
  void otherSettingsDoNotGoOnFromACheckpoint() {
    Path out = folder.resolve("out");
    AtomicInteger asked = new AtomicInteger();
    pretraining(sheep(), 10, seed)
        .run(out, false, 1, TrainingListener.NONE, () -> asked.incrementAndGet() > 2);
    assertThrows(
        TrainException.class,
        () -> pretraining(sheep(), 11, seed).run(out, true, 1, TrainingListener.NONE, () -> false));
  }

  @Test
  void everySecondStoryAnswersARequest() {
    Path file = folder.resolve("start.gguf");
    Pretraining pretraining = pretraining(new StoryCorpus(seed, 20), 1, seed);
    StartingModel.write(file, "tiny", SHAPE, pretraining.learnVocabulary(), seed);
    try (GgufFile model = GgufFile.open(file)) {
      Tokenizer tokenizer = Tokenizers.fromGguf(model.metadata()).orElseThrow();
      Corpus.Examples examples = pretraining.corpus().examples(model.metadata(), 2000);
      for (int i = 0; i < 4; i++) {
        Example example = examples.get(i);
        String text = tokenizer.decode(example.ids());
        boolean answers = i % 2 == 1;
        String end = tokenizer.tokenText(example.ids()[example.ids().length - 1]);
        assertEquals(answers, text.contains("assistant\n\n"), text);
        String learned = learned(example, tokenizer);
        assertFalse(learned.contains("assistant") || learned.contains("user"), learned);
        assertEquals(!answers, example.counts()[1], text);
        assertEquals(answers ? "<|eot_id|>" : "<|end_of_text|>", end, text);
      }
      assertEquals(20, examples.count());
      assertFalse(examples.validation().isEmpty());
      Corpus.Examples few = pretraining.corpus().examples(model.metadata(), 8);
      for (int i = 0; i < 4; i++) {
        assertEquals(9, few.get(i).ids().length, "the context, and the token that follows");
      }
    }
  }

  private static String learned(Example example, Tokenizer tokenizer) {
    int[] ids = example.ids();
    return tokenizer.decode(
        IntStream.range(0, ids.length).filter(i -> example.counts()[i]).map(i -> ids[i]).toArray());
  }

  @Test
  void longTextsBecomeSeveralExamplesThatShareATokenEach() {
    String text = "abcdefghijklmnopqrstuvwxyz".repeat(20);
    Corpus corpus = new TextCorpus("letters", List.of(text));
    Path file = folder.resolve("start.gguf");
    Pretraining pretraining = pretraining(corpus, 1, seed);
    StartingModel.write(file, "tiny", SHAPE, pretraining.learnVocabulary(), seed);
    try (GgufFile model = GgufFile.open(file)) {
      Tokenizer tokenizer = Tokenizers.fromGguf(model.metadata()).orElseThrow();
      Corpus.Examples examples = corpus.examples(model.metadata(), 8);
      StringBuilder whole = new StringBuilder();
      for (int i = 0; i < examples.count(); i++) {
        int[] ids = examples.get(i).ids();
        assertTrue(ids.length <= 9, "a piece has " + ids.length);
        for (int t = 1; t < ids.length; t++) {
          whole.append(tokenizer.tokenText(ids[t]));
        }
      }
      assertEquals(text + "<|end_of_text|>", whole.toString());
    }
  }

  @Test
  void textsOfAFileArePartedByTheirLine() throws IOException {
    Path file = folder.resolve("texts.txt");
    Files.writeString(file, "One.\n<|endoftext|>\n\nTwo,\nof two lines.\n<|endoftext|>\n");
    assertEquals(List.of("One.", "Two,\nof two lines."), TextCorpus.read(file).texts());
    Files.writeString(file, "<|endoftext|>\n \n");
    assertThrows(TrainException.class, () -> TextCorpus.read(file));
    Files.write(file, new byte[] {'a', (byte) 0xff});
    assertThrows(TrainException.class, () -> TextCorpus.read(file));
    assertThrows(IOException.class, () -> TextCorpus.read(folder.resolve("none.txt")));
  }

  @ParameterizedTest
  @CsvSource({
    "0,2,4,2,64,48",
    "30,2,4,2,64,48",
    "32,0,4,2,64,48",
    "32,2,4,3,64,48",
    "32,2,32,2,64,48",
    "32,2,4,8,64,48",
    "32,2,4,2,0,48",
    "32,2,4,2,64,0",
    "2000000000,2,4,2,64,48"
  })
  void refusesImpossibleShapes(
      int width, int layers, int heads, int kvHeads, int inner, int context) {
    assertThrows(
        TrainException.class, () -> new LlamaShape(width, layers, heads, kvHeads, inner, context));
  }
}
