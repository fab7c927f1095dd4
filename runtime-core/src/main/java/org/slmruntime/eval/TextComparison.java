package org.slmruntime.eval;

import java.util.Arrays;
import java.util.Objects;
import org.slmruntime.engine.ModelRunner;

/**
 * Holds a model against a reference, window by window. Both run in turns, at most {@value
 * EvaluatedModel#ROWS} tokens at a time, so that few rows of logits are kept, never a window's.
 * Used by one thread at a time.
 */
public final class TextComparison {
  /** Of kept logits: 64 MiB. */
  private static final int MAX_KEPT_FLOATS = 1 << 24;

  private static final int LONGEST_SHOWN = 40;

  private final EvaluatedModel model;
  private final EvaluatedModel reference;
  private final LogSoftmax logSoftmax;
  private final LogSoftmax referenceLogSoftmax;
  private final int vocabulary;
  private final int rows;
  private final float[] kept;
  private final RunningMean surprise = new RunningMean();
  private final RunningMean referenceSurprise = new RunningMean();
  private final RunningMean difference = new RunningMean();
  private final RunningMean mean = new RunningMean();
  private final RunningMean sameTop = new RunningMean();
  private double[] divergences = new double[1024];

  /**
   * @throws EvaluationException if the models' vocabularies differ
   */
  public TextComparison(EvaluatedModel model, EvaluatedModel reference) {
    requireSameVocabulary(model, reference);
    this.model = model;
    this.reference = reference;
    this.logSoftmax = model.logSoftmax();
    this.referenceLogSoftmax = reference.logSoftmax();
    this.vocabulary = model.vocabulary();
    this.rows = Math.clamp(MAX_KEPT_FLOATS / vocabulary, 1, EvaluatedModel.ROWS);
    this.kept = new float[Math.multiplyExact(rows, vocabulary)];
  }

  private static void requireSameVocabulary(EvaluatedModel a, EvaluatedModel b) {
    if (a.vocabulary() != b.vocabulary()) {
      throw new EvaluationException(
          String.format(
              "the vocabularies differ: %s has %d logits for each token and %s has %d",
              a.source(), a.vocabulary(), b.source(), b.vocabulary()));
    }
    int ids = Math.max(a.tokenizer().vocabularySize(), b.tokenizer().vocabularySize());
    for (int id = 0; id < ids; id++) {
      String one = a.tokenizer().tokenText(id);
      String other = b.tokenizer().tokenText(id);
      if (!Objects.equals(one, other)) {
        throw new EvaluationException(
            String.format(
                "the vocabularies differ: token %d is %s in %s and %s in %s",
                id, shown(one), a.source(), shown(other), b.source()));
      }
    }
  }

  private static String shown(String token) {
    if (token == null) {
      return "absent";
    }
    return token.length() <= LONGEST_SHOWN
        ? "\"" + token + "\""
        : "\"" + token.substring(0, LONGEST_SHOWN) + "...\"";
  }

  /**
   * Runs a window through both models.
   *
   * @throws EvaluationException if an id is not in the vocabulary, or a logit is no finite number
   * @throws org.slmruntime.engine.EngineException if the window is longer than a context
   */
  public void compare(Window window) {
    int[] ids = window.ids();
    int from = window.from();
    model.requireKnown(ids);
    try (ModelRunner.Sequence mine = model.runner().newSequence();
        ModelRunner.Sequence theirs = reference.runner().newSequence()) {
      if (from > 0) {
        int[] read = Arrays.copyOf(ids, from);
        reference.runner().forwardLast(theirs, read, (_, _, _) -> {});
        model.runner().forwardLast(mine, read, (_, _, _) -> {});
      }
      // Nothing is predicted from the last token.
      int end = ids.length - 1;
      for (int start = from; start < end; start += rows) {
        compare(mine, theirs, ids, start, Math.min(start + rows, end));
      }
    }
  }

  private void compare(
      ModelRunner.Sequence mine, ModelRunner.Sequence theirs, int[] ids, int start, int end) {
    int[] part = Arrays.copyOfRange(ids, start, end);
    reference
        .runner()
        .forwardAll(
            theirs,
            part,
            rows,
            (position, logits, offset) ->
                System.arraycopy(
                    logits, offset, kept, (position - start) * vocabulary, vocabulary));
    model
        .runner()
        .forwardAll(
            mine,
            part,
            rows,
            (position, logits, offset) ->
                add(logits, offset, (position - start) * vocabulary, ids[position + 1]));
  }

  /** Adds a row of the model's logits and the kept row of the reference at {@code at}. */
  private void add(float[] logits, int offset, int at, int next) {
    double normalizer = logSoftmax.normalizer(logits, offset);
    double keptNormalizer = referenceLogSoftmax.normalizer(kept, at);
    double mine = logits[offset + next] - normalizer;
    double theirs = kept[at + next] - keptNormalizer;
    surprise.add(-mine);
    referenceSurprise.add(-theirs);
    difference.add(mine - theirs);
    boolean same = logSoftmax.top(logits, offset) == referenceLogSoftmax.top(kept, at);
    sameTop.add(same ? 1 : 0);
    double sum = 0;
    for (int id = 0; id < vocabulary; id++) {
      double logReference = kept[at + id] - keptNormalizer;
      sum += Math.exp(logReference) * (logReference - (logits[offset + id] - normalizer));
    }
    // Never below 0 but for rounding.
    keep(Math.max(0, sum));
  }

  private void keep(double divergence) {
    int count = Math.toIntExact(mean.count());
    if (count == divergences.length) {
      divergences = Arrays.copyOf(divergences, Math.multiplyExact(count, 2));
    }
    divergences[count] = divergence;
    mean.add(divergence);
  }

  /** Of all windows so far; NaN where there was none. */
  public Divergence divergence() {
    double[] sorted = Arrays.copyOf(divergences, Math.toIntExact(mean.count()));
    Arrays.sort(sorted);
    return new Divergence(
        new Perplexity(surprise.count(), surprise.estimate()),
        new Perplexity(referenceSurprise.count(), referenceSurprise.estimate()),
        difference.estimate(),
        mean.estimate(),
        quantile(sorted, 0.5),
        quantile(sorted, 0.99),
        quantile(sorted, 1),
        sameTop.estimate());
  }

  /** Between the neighbours by its distance from them, as NumPy does by default. */
  static double quantile(double[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
