package org.slmruntime.train.tokenizer;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slmruntime.tokenizer.ByteLevelPieces;

/**
 * Learns a vocabulary by byte-pair encoding (Sennrich et al., 2016) over bytes (GPT-2, Radford et
 * al., 2019): the pair of symbols that occurs most often within words becomes a symbol, again and
 * again. Of equally frequent pairs the one of the smaller ids is merged, so the same texts give the
 * same vocabulary in whatever order they come.
 *
 * <p>A pair whose text is a token already is passed over, so that each token has one merge.
 */
public final class BpeTrainer {
  private final BpeOptions options;
  private final PairTable pairs;
  private final List<String> tokens = new ArrayList<>();
  private final Set<String> known = new HashSet<>();
  private final List<String> merges = new ArrayList<>();

  private BpeTrainer(BpeOptions options, PairTable pairs) {
    this.options = options;
    this.pairs = pairs;
    options.special().all().forEach(this::token);
    for (int b = 0; b < BpeOptions.BYTES; b++) {
      token(Character.toString(ByteLevelPieces.standIn(b)));
    }
  }

  /**
   * Learns from texts, each of which is read once and let go of. The vocabulary is smaller than
   * asked for if no pair is left that occurs twice.
   *
   * @throws org.slmruntime.train.TrainException if the texts have more distinct words than fit
   * @throws org.slmruntime.tokenizer.TokenizerException if the pre-tokenizer is unknown
   */
  public static BpeVocabulary train(Stream<String> texts, BpeOptions options) {
    return train(texts, options, WordCounts.MAX_TOTAL_BYTES);
  }

  static BpeVocabulary train(Stream<String> texts, BpeOptions options, int maxWordBytes) {
    WordCounts counts =
        new WordCounts(
            ByteLevelPieces.named(options.pre()), options.special().all().size(), maxWordBytes);
    texts.sequential().forEachOrdered(counts::add);
    return new BpeTrainer(options, new PairTable(counts.words())).run();
  }

  private BpeVocabulary run() {
    while (tokens.size() < options.size()) {
      Optional<Pair> best = pairs.best();
      if (best.isEmpty()) {
        break;
      }
      merge(best.get());
    }
    return new BpeVocabulary(options.pre(), options.special(), tokens, merges);
  }

  private void merge(Pair pair) {
    String left = tokens.get(pair.left());
    String right = tokens.get(pair.right());
    if (known.contains(left + right)) {
      pairs.passOver(pair);
      return;
    }
    pairs.merge(pair, tokens.size());
    token(left + right);
    merges.add(left + " " + right);
  }

  private void token(String text) {
    tokens.add(text);
    known.add(text);
  }
}
