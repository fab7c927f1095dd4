package org.slmruntime.train.tokenizer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Predicate;

/**
 * How often each pair of symbols occurs in the words, and in which, kept true while pairs are
 * merged. The most frequent pair is on top of a heap whose counts may be too high, since merges
 * take pairs away: they are put right when they come up. Not thread-safe.
 */
final class PairTable {
  private static final int LEAST_COUNT = 2;

  /** More often first, then the smaller pair, so that nothing depends on an order of hashes. */
  private record Candidate(Pair pair, long count) {
    private static final Comparator<Candidate> ORDER =
        Comparator.comparingLong(Candidate::count).reversed().thenComparing(Candidate::pair);
  }

  private static final class Occurrences {
    private long count;
    private boolean passedOver;

    /** Every word that has the pair, and some that had it. */
    private List<Word> words = new ArrayList<>();
  }

  private final Map<Pair, Occurrences> pairs = new HashMap<>();
  private final PriorityQueue<Candidate> heap = new PriorityQueue<>(Candidate.ORDER);

  PairTable(Collection<Word> words) {
    words.forEach(word -> count(word, _ -> true));
    pairs.keySet().forEach(this::offer);
  }

  /** The pair that occurs most often, at least twice; of equals the smallest. */
  Optional<Pair> best() {
    while (!heap.isEmpty()) {
      Candidate top = heap.poll();
      Occurrences occurrences = pairs.get(top.pair);
      if (occurrences.passedOver) {
        continue;
      }
      if (occurrences.count == top.count) {
        return Optional.of(top.pair);
      }
      offer(top.pair);
    }
    return Optional.empty();
  }

  /** Leaves the best pair as it is; it does not come up again. */
  void passOver(Pair pair) {
    pairs.get(pair).passedOver = true;
  }

  /**
   * Joins a pair wherever it occurs.
   *
   * @param made a symbol that no word has yet
   */
  void merge(Pair pair, int made) {
    Occurrences occurrences = pairs.get(pair);
    Set<Pair> fresh = new HashSet<>();
    Predicate<Pair> isFresh = other -> other.left() == made || other.right() == made;
    for (Word word : occurrences.words) {
      if (word.has(pair)) {
        discount(word);
        word.merge(pair, made);
        count(word, isFresh);
        word.pairs().filter(isFresh).forEach(fresh::add);
      }
    }
    occurrences.words = List.of();
    // No other pair has become more frequent.
    fresh.forEach(this::offer);
  }

  private void discount(Word word) {
    for (int i = 0; i + 1 < word.length(); i++) {
      pairs.get(word.pair(i)).count -= word.count();
    }
  }

  /** Counts a word's pairs, and lists the word with those that it was not listed with before. */
  private void count(Word word, Predicate<Pair> fresh) {
    for (int i = 0; i + 1 < word.length(); i++) {
      Pair pair = word.pair(i);
      Occurrences occurrences = pairs.computeIfAbsent(pair, _ -> new Occurrences());
      occurrences.count += word.count();
      if (fresh.test(pair) && !isLast(occurrences.words, word)) {
        occurrences.words.add(word);
      }
    }
  }

  private static boolean isLast(List<Word> words, Word word) {
    return !words.isEmpty() && words.getLast() == word;
  }

  private void offer(Pair pair) {
    long count = pairs.get(pair).count;
    if (count >= LEAST_COUNT) {
      heap.add(new Candidate(pair, count));
    }
  }
}
