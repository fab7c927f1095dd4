package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.demo.DemoModel;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.graph.Weight;
import org.slmruntime.model.Model;
import org.slmruntime.model.Models;
import org.slmruntime.train.TrainingBatch;
import org.slmruntime.train.cpu.CpuTrainer;
import org.slmruntime.train.gradient.BackwardProgram;
import org.slmruntime.train.loop.LossHistory;
import org.slmruntime.train.loop.ShuffledBatches;
import org.slmruntime.train.loop.TrainingListener;
import org.slmruntime.train.pretrain.Pretraining;
import org.slmruntime.train.pretrain.TrainedModel;
import org.slmruntime.train.stories.StoryGenerator;
import picocli.CommandLine;

/** The demo model is what its README says: made by that command, and able to tell stories. */
class DemoModelTest {
  private static final Path DEMO = Path.of("..", "demo");
  private static final Pattern COMMAND = Pattern.compile("(?m)^\\./slm (pretrain .*)$");
  private static final int STEPS = 3;
  private static final int THREADS = 2;

  @TempDir Path folder;

  @BeforeEach
  void needVectors() {
    assumeTrue(Vectors.PRESENT, "no Vector API in this run");
  }

  /** The training that demo/README.md shows. */
  private Pretraining documented() throws IOException {
    String readme = Files.readString(DEMO.resolve("README.md"));
    String command = COMMAND.matcher(readme).results().findFirst().orElseThrow().group(1);
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    CommandLine line = new Slm(InputStream.nullInputStream()).commandLine(nowhere, nowhere);
    CommandLine.ParseResult parsed = line.parseArgs(command.split(" ", -1));
    return ((PretrainCommand) parsed.subcommand().commandSpec().userObject()).pretraining();
  }

  private static LossHistory committed() throws IOException {
    return LossHistory.ofCsv(Files.readString(DEMO.resolve("loss.csv")));
  }

  /**
   * Other vector widths add in another order, so digits differ at the end, and ever earlier as
   * training goes on.
   */
  @Test
  void trainingItGivesTheCommittedLossesAgain() throws IOException {
    List<LossHistory.Training> steps = new ArrayList<>();
    List<LossHistory.Validation> validation = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(LossHistory.Training step, long tokens) {
            steps.add(step);
          }

          @Override
          public void onValidation(LossHistory.Validation scored) {
            validation.add(scored);
          }
        };
    documented().run(folder, false, THREADS, listener, () -> steps.size() == STEPS);
    LossHistory committed = committed();
    assertEquals(committed.validation().getFirst().loss(), validation.getFirst().loss(), 1e-4);
    for (int i = 0; i < STEPS; i++) {
      LossHistory.Training expected = committed.training().get(i);
      assertEquals(expected.loss(), steps.get(i).loss(), 1e-3, "step " + (i + 1));
      assertEquals(expected.rate(), steps.get(i).rate(), 0, "step " + (i + 1));
      assertEquals(expected.gradientNorm(), steps.get(i).gradientNorm(), 1e-2, "step " + (i + 1));
    }
  }

  @Test
  void itPredictsNewStoriesAsWellAsTheEndOfItsCurveSays() throws IOException {
    Pretraining pretraining = documented();
    try (GgufFile file = GgufFile.open(DemoModel.path(folder))) {
      Model model = Models.build(file);
      Map<Weight, float[]> weights = TrainedModel.weights(model);
      List<TrainingBatch> batches =
          ShuffledBatches.inOrder(
              pretraining
                  .corpus()
                  .examples(file.metadata(), pretraining.shape().context())
                  .validation(),
              4);
      double factor = 1 / batches.stream().mapToDouble(TrainingBatch::totalWeight).sum();
      BackwardProgram program = BackwardProgram.of(model.graph(), weights.keySet());
      try (CpuTrainer trainer = new CpuTrainer(program, weights, model.weights(), THREADS)) {
        double loss = batches.stream().mapToDouble(batch -> trainer.loss(batch, factor)).sum();
        double last = committed().validation().getLast().loss();
        // Q8_0 costs a little.
        assertEquals(last, loss, 0.01 * last);
      }
      assertTrue(model.parameters() >= 1_000_000 && model.parameters() <= 3_000_000);
      assertTrue(Files.size(Path.of(file.source())) <= 4 << 20);
    }
  }

  @Test
  void itTellsAWholeStoryInWordsOfStories() {
    Set<String> known = new HashSet<>();
    new StoryGenerator(1).stories().limit(3000).forEach(s -> known.addAll(words(s.text())));
    Outcome run = demo("run", "-p", "Once upon a time", "--seed", 1, "-n", 400, "-q");
    String story = "Once upon a time" + run.out();
    List<String> words = words(story);
    assertTrue(words.size() > 80 && words.size() < 300, story);
    assertTrue(story.strip().matches("(?s).*[.!?]\"?"), "it comes to an end: " + story);
    List<String> strange = words.stream().filter(word -> !known.contains(word)).toList();
    assertTrue(strange.size() * 100 <= words.size(), strange + " in " + story);
    assertTrue(story.contains("\n\n"), "it has paragraphs: " + story);
  }

  @Test
  void itTellsTheStoriesThatItIsAskedFor() {
    String asked = "Tell me a story about a fox named Pip.\nTell me a story about a girl.\n";
    Outcome chat =
        Outcome.withInput(asked, "chat", DemoModel.path(folder), "--temp", 0, "-n", 400, "-q");
    String stories = chat.succeeded().out();
    assertTrue(words(stories).containsAll(List.of("fox", "pip", "girl")), stories);
    int second = stories.lastIndexOf("girl");
    assertTrue(stories.indexOf("fox") < second && stories.indexOf("Pip") < second, stories);
    assertTrue(words(stories).size() > 200, stories);
  }

  private Outcome demo(Object... args) {
    List<Object> all = new ArrayList<>(Arrays.asList(args));
    all.add(1, DemoModel.path(folder));
    return Outcome.of(all.toArray()).succeeded();
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^a-z']+", -1))
        .filter(word -> !word.isEmpty())
        .toList();
  }
}
