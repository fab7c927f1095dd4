package org.slmruntime.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.slmruntime.backend.Backends;
import org.slmruntime.backend.spi.Availability;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.BackendProvider;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.loop.TrainingFolder;
import org.slmruntime.train.loop.TrainingPlan;
import org.slmruntime.train.optimizer.AdamW;
import org.slmruntime.train.optimizer.CosineSchedule;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a training goes: the same for every command that trains, but for what is usual there. */
final class TrainingArguments {
  /** Of all steps, so that a short training has a curve too. */
  private static final int VALIDATIONS = 10;

  private static final int MOST_BETWEEN = 100;

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Texts of a step (default: ${DEFAULT-VALUE}).")
  int batch;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      description = "Divide a step into N parts, to save memory (default: ${DEFAULT-VALUE}).")
  int accumulate = 1;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description = "The highest learning rate; the last is a tenth (default: ${DEFAULT-VALUE}).")
  double rate;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description = "Steps in which the rate rises (default: a twentieth of all).")
  Long warmUp;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      description = "Decay of matrices (default: ${DEFAULT-VALUE}).")
  double weightDecay;

  @Option(
      names = "--clip",
      paramLabel = "X",
      description = "The longest gradient (default: ${DEFAULT-VALUE}).")
  double clip = 1;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Of all that is random (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  @Option(
      names = "--eval-every",
      paramLabel = "N",
      description = "Steps between validations (default: a tenth of all, at most 100).")
  Long evaluateEvery;

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
      defaultValue = "0",
      description = "Threads (default: one per processor).")
  int threads;

  @Option(
      names = {"-q", "--quiet"},
      description = "Only results and errors, no progress.")
  boolean quiet;

  /** With what is usual for a command. */
  TrainingArguments(int batch, double rate, double weightDecay) {
    this.batch = batch;
    this.rate = rate;
    this.weightDecay = weightDecay;
  }

  /**
   * Checks what was given, before any file is opened.
   *
   * @throws TrainException if nothing can be trained here
   */
  void check() {
    if (batch < 1 || accumulate < 1 || batch % accumulate != 0) {
      throw usage("--batch " + batch + " cannot be divided into --accumulate " + accumulate);
    }
    if (threads < 0 || threads > BackendOptions.MAX_THREADS) {
      throw usage("--threads must be in 0.." + BackendOptions.MAX_THREADS + " but is " + threads);
    }
    for (BackendProvider provider : Backends.providers()) {
      if (provider.id().equals("cpu") && provider.probe() instanceof Availability.Unavailable no) {
        throw new TrainException("cannot train here: " + no.reason());
      }
    }
  }

  /**
   * Refuses to replace what somebody made, and to go on with what is not there.
   *
   * @param what is there if it is finished
   */
  void checkFolder(Path out, boolean finished, String what) {
    boolean resumable = TrainingFolder.isResumable(out);
    if (resume && !resumable) {
      throw usage("--resume: there is no checkpoint in " + out);
    }
    if (!resume && !force && (resumable || finished)) {
      String found = resumable ? "an unfinished training (--resume goes on with it)" : what;
      throw usage(out + " has " + found + "; --force replaces it");
    }
  }

  /**
   * Checks a number of steps that was given.
   *
   * @param steps null if none was
   */
  void checkSteps(Long steps) {
    if (steps != null && steps < 1) {
      throw usage("--steps must be at least 1 but is " + steps);
    }
  }

  TrainingPlan plan(long steps) {
    long rising = warmUp != null ? warmUp : steps / 20;
    long validated = Math.clamp(steps / VALIDATIONS, 1, MOST_BETWEEN);
    return new TrainingPlan(
        new CosineSchedule(rate, rate / 10, rising, steps),
        new AdamW(0.9, 0.95, 1e-8, weightDecay),
        clip,
        evaluateEvery != null ? evaluateEvery : validated,
        saveEvery);
  }

  /** Texts that are run at once. */
  int perBatch() {
    return batch / accumulate;
  }

  int threads() {
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
  }

  /** Where it is told how far the training of some steps has come. */
  TrainingProgress progress(long steps) {
    return new TrainingProgress(spec.commandLine().getErr(), quiet, steps);
  }

  /** Tells how to go on, and returns the exit code. */
  int interrupted() {
    notice("interrupted; the same command with --resume goes on");
    return Interrupt.EXIT_CODE;
  }

  ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Tells what is worth knowing beside the results. */
  void notice(String message) {
    if (!quiet) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("slm: " + Output.oneLine(message));
      err.flush();
    }
  }
}
