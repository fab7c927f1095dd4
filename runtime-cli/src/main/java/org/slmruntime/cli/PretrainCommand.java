package org.slmruntime.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.tensor.DType;
import org.slmruntime.train.loop.TrainingPlan;
import org.slmruntime.train.optimizer.AdamW;
import org.slmruntime.train.optimizer.CosineSchedule;
import org.slmruntime.train.pretrain.Corpus;
import org.slmruntime.train.pretrain.LlamaShape;
import org.slmruntime.train.pretrain.Pretraining;
import org.slmruntime.train.pretrain.StoryCorpus;
import org.slmruntime.train.pretrain.TextCorpus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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
  /** What matrices the finished model has. */
  enum Type {
    F32,
    F16,
    Q8_0;

    /** As the documentation writes it, for completion. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

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
      names = "--batch",
      paramLabel = "N",
      description = "Texts of a step (default: ${DEFAULT-VALUE}).")
  int batch = 16;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      description = "Divide a step into N parts, to save memory (default: ${DEFAULT-VALUE}).")
  int accumulate = 1;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description = "The highest learning rate; the last is a tenth (default: ${DEFAULT-VALUE}).")
  double rate = 3e-3;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description = "Steps in which the rate rises (default: a twentieth of all).")
  Long warmUp;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      description = "Decay of matrices (default: ${DEFAULT-VALUE}).")
  double weightDecay = 0.1;

  @Option(
      names = "--clip",
      paramLabel = "X",
      description = "The longest gradient (default: ${DEFAULT-VALUE}).")
  double clip = 1;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Of stories, first weights and order (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = "Matrices of the finished model: f32, f16 or q8_0 (default: ${DEFAULT-VALUE}).")
  Type type = Type.Q8_0;

  @Option(
      names = "--eval-every",
      paramLabel = "N",
      description = "Steps between validations (default: ${DEFAULT-VALUE}).")
  long evaluateEvery = 100;

  @Option(
      names = "--save-every",
      paramLabel = "N",
      description = "Steps between checkpoints (default: ${DEFAULT-VALUE}).")
  long saveEvery = 100;

  @Option(names = "--resume", description = "Go on from the checkpoint in DIR.")
  boolean resume;

  @Option(names = "--force", description = "Replace what is in DIR.")
  boolean force;

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "Threads (default: one per processor).")
  int threads;

  @Option(
      names = {"-q", "--quiet"},
      description = "Only results and errors, no progress.")
  boolean quiet;

  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    Pretraining pretraining = pretraining();
    checkFolder(pretraining.folder(out).isResumable());
    PrintWriter err = spec.commandLine().getErr();
    long count = pretraining.plan().steps();
    notice(
        String.format(
            Locale.ROOT,
            "%.2f million parameters, %d steps of %d texts",
            pretraining.shape().parameters(vocabulary) / 1e6,
            count,
            batch));
    TrainingProgress progress = new TrainingProgress(err, quiet, count);
    try (TrainingInterrupt interrupt = new TrainingInterrupt()) {
      boolean finished = pretraining.run(out, resume, threads(), progress, interrupt);
      progress.end();
      if (!finished) {
        notice("interrupted; the same command with --resume goes on");
        return Interrupt.EXIT_CODE;
      }
    }
    spec.commandLine().getOut().println(Pretraining.model(out));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private Pretraining pretraining() {
    if ((stories == null) == (text == null)) {
      throw usage("what to learn from: give --stories N or --text FILE");
    }
    if (batch < 1 || accumulate < 1 || batch % accumulate != 0) {
      throw usage("--batch " + batch + " cannot be divided into --accumulate " + accumulate);
    }
    Corpus corpus = text == null ? new StoryCorpus(seed, stories) : TextCorpus.read(text);
    return new Pretraining(
        name,
        corpus,
        new LlamaShape(width, layers, heads, kvHeads, feedForward, context),
        vocabulary,
        plan(corpus),
        batch / accumulate,
        accumulate,
        seed,
        DType.valueOf(type.name()));
  }

  private TrainingPlan plan(Corpus corpus) {
    long count = steps != null ? steps : Math.ceilDiv(corpus.count(), batch);
    long rising = warmUp != null ? warmUp : count / 20;
    return new TrainingPlan(
        new CosineSchedule(rate, rate / 10, rising, count),
        new AdamW(0.9, 0.95, 1e-8, weightDecay),
        clip,
        evaluateEvery,
        saveEvery);
  }

  private int threads() {
    if (threads < 0 || threads > BackendOptions.MAX_THREADS) {
      throw usage("--threads must be in 0.." + BackendOptions.MAX_THREADS + " but is " + threads);
    }
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
  }

  private void checkFolder(boolean resumable) {
    if (resume && !resumable) {
      throw usage("--resume: there is no checkpoint in " + out);
    }
    if (!resume && !force && (resumable || Files.exists(Pretraining.model(out)))) {
      String what = resumable ? "an unfinished training (--resume goes on with it)" : "a model";
      throw usage(out + " has " + what + "; --force replaces it");
    }
  }

  private void notice(String message) {
    if (!quiet) {
      spec.commandLine().getErr().println("slm: " + Output.oneLine(message));
      spec.commandLine().getErr().flush();
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
