package org.slmruntime.eval;

import java.nio.file.Path;
import java.util.OptionalInt;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.engine.ModelRunner;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;

/**
 * A model opened to be evaluated: one sequence at a time, with logits of several tokens per step.
 * Used by one thread at a time.
 */
public final class EvaluatedModel implements AutoCloseable {
  /** Tokens of a step, each with a row of logits. */
  static final int ROWS = 64;

  private final ModelRunner runner;
  private final Tokenizer tokenizer;

  private EvaluatedModel(ModelRunner runner, Tokenizer tokenizer) {
    this.runner = runner;
    this.tokenizer = tokenizer;
  }

  /**
   * Opens a model.
   *
   * @param options of which the numbers of sequences, tokens and rows are chosen here
   * @throws EvaluationException if the model has no tokenizer
   * @throws org.slmruntime.SlmException as {@link ModelRunner#open} does
   */
  public static EvaluatedModel open(Path path, ModelOptions options) {
    ModelRunner runner =
        ModelRunner.open(path, options.maxSequences(1).stepTokens(ROWS).maxOutputs(ROWS));
    try {
      Tokenizer tokenizer =
          Tokenizers.fromGguf(runner.model().file().metadata())
              .orElseThrow(() -> new EvaluationException(path + ": has no tokenizer"));
      return new EvaluatedModel(runner, tokenizer);
    } catch (RuntimeException | Error e) {
      runner.close();
      throw e;
    }
  }

  public ModelRunner runner() {
    return runner;
  }

  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** What begins every text of this model; empty if nothing does. */
  public OptionalInt bos() {
    return tokenizer.addsBos() ? tokenizer.bosId() : OptionalInt.empty();
  }

  /** Logits per token. */
  int vocabulary() {
    return runner.model().vocabulary();
  }

  LogSoftmax logSoftmax() {
    return new LogSoftmax(source(), vocabulary());
  }

  /** The file's name, for messages. */
  String source() {
    return runner.model().file().source();
  }

  /** A tokenizer may know more tokens than the model has logits for. */
  void requireKnown(int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= vocabulary()) {
        throw new EvaluationException(
            source() + ": token id " + id + " is not in 0.." + (vocabulary() - 1));
      }
    }
  }

  @Override
  public void close() {
    runner.close();
  }
}
