package org.slmruntime.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.slmruntime.tensor.DType;
import org.slmruntime.train.pretrain.Corpus;
import org.slmruntime.train.pretrain.LlamaShape;
import org.slmruntime.train.pretrain.Pretraining;
import org.slmruntime.train.pretrain.StoryCorpus;
import org.slmruntime.train.pretrain.TextCorpus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a small model from nothing. */
@Command(
    name = "pretrain",
    description = "Train a small model from nothing, on stories or on a text of your own.",
    footer = {
      "",
      "DIR gets model.gguf, loss.csv and loss.svg. Ctrl-C leaves a checkpoint after the current",
      "step, from which the same command with --resume goes on to the same bits.",
      "",
      "Examples:",
      "  slm pretrain --stories 32000 --out tiny",
      "  slm pretrain --text novels.txt --steps 500 --width 128 --layers 4 --heads 4 --out novels",
      "  slm run tiny/model.gguf -p \"Once upon a time\""
    })
final class PretrainCommand implements Callable<Integer> {
  @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where it is made.")
  Path out;

  @Option(
      names = "--stories",
      paramLabel = "N",
      description = "Learn from N little stories that are generated.")
  Integer stories;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = "Learn from a file of texts, parted by lines <|endoftext|>.")
  Path text;

  @Option(names = "--name", paramLabel = "TEXT", description = "The model's name.")
  String name = "slm";

  @Option(
      names = "--vocabulary",
      paramLabel = "N",
      description = "Tokens at most (default: ${DEFAULT-VALUE}).")
  int vocabulary = 2048;

  @Option(
      names = "--width",
      paramLabel = "N",
      description = "Width of the model (default: ${DEFAULT-VALUE}).")
  int width = 192;

  @Option(
      names = "--layers",
      paramLabel = "N",
      description = "Number of blocks (default: ${DEFAULT-VALUE}).")
  int layers = 6;

  @Option(
      names = "--heads",
      paramLabel = "N",
      description = "Query heads (default: ${DEFAULT-VALUE}).")
  int heads = 6;

  @Option(
      names = "--kv-heads",
      paramLabel = "N",
      description = "Key/value heads (default: ${DEFAULT-VALUE}).")
  int kvHeads = 2;

  @Option(
      names = "--feed-forward",
      paramLabel = "N",
      description = "Inner width of the feed-forward blocks (default: ${DEFAULT-VALUE}).")
  int feedForward = 512;

  @Option(
      names = {"-c", "--ctx"},
      paramLabel = "N",
      description = "The longest sequence in tokens (default: ${DEFAULT-VALUE}).")
  int context = 512;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Steps of training (default: once through the texts).")
  Long steps;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      defaultValue = "q8_0",
      description = "Type of the finished matrices, like f16 (default: ${DEFAULT-VALUE}).")
  DType type;

  @Mixin TrainingArguments training = new TrainingArguments(16, 3e-3, 0.1);

  @Override
  public Integer call() throws IOException {
    training.check();
    training.checkSteps(steps);
    Pretraining pretraining = pretraining();
    training.checkFolder(out, Files.exists(Pretraining.model(out)), "a model");
    long count = pretraining.plan().steps();
    training.notice(
        String.format(
            Locale.ROOT,
            "%.2f million parameters, %d steps of %d texts",
            pretraining.shape().parameters(vocabulary) / 1e6,
            count,
            training.batch));
    TrainingProgress progress = training.progress(count);
    try (TrainingInterrupt interrupt = new TrainingInterrupt()) {
      boolean finished =
          pretraining.run(out, training.resume, training.threads(), progress, interrupt);
      progress.end();
      if (!finished) {
        return training.interrupted();
      }
    }
    PrintWriter stdout = training.spec.commandLine().getOut();
    stdout.println(Pretraining.model(out));
    stdout.flush();
    return 0;
  }

  Pretraining pretraining() throws IOException {
    if ((stories == null) == (text == null)) {
      throw training.usage("what to learn from: give --stories N or --text FILE");
    }
    Corpus corpus = text == null ? new StoryCorpus(training.seed, stories) : TextCorpus.read(text);
    return new Pretraining(
        name,
        corpus,
        new LlamaShape(width, layers, heads, kvHeads, feedForward, context),
        vocabulary,
        training.plan(steps != null ? steps : Math.ceilDiv(corpus.count(), training.batch)),
        training.perBatch(),
        training.accumulate,
        training.seed,
        type);
  }
}
