package org.slmruntime.train.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slmruntime.tokenizer.ByteLevelPieces;

/** Byte-pair encoding as the paper has it: all pairs are counted again before each merge. */
final class NaiveBpe {
  private final List<String> tokens = new ArrayList<>();
  private final List<List<Integer>> words = new ArrayList<>();
  final List<String> merges = new ArrayList<>();

  NaiveBpe(List<String> texts, BpeOptions options) {
    tokens.addAll(options.special().all());
    int firstByte = tokens.size();
    Map<Character, Integer> symbols = new HashMap<>();
    for (int b = 0; b < 256; b++) {
      symbols.put(ByteLevelPieces.standIn(b), firstByte + b);
      tokens.add(String.valueOf(ByteLevelPieces.standIn(b)));
    }
    ByteLevelPieces pieces = ByteLevelPieces.named(options.pre());
    for (String text : texts) {
      for (String piece : pieces.split(text)) {
        words.add(new ArrayList<>(piece.chars().mapToObj(c -> symbols.get((char) c)).toList()));
      }
    }
    run(options.size());
  }

  private void run(int size) {
    while (tokens.size() < size) {
      Set<String> known = Set.copyOf(tokens);
      Optional<Map.Entry<Pair, Long>> best =
          counts().entrySet().stream()
              .filter(e -> e.getValue() >= 2 && !known.contains(text(e.getKey())))
              .min(
                  Map.Entry.<Pair, Long>comparingByValue(Comparator.reverseOrder())
                      .thenComparing(Map.Entry.comparingByKey()));
      if (best.isEmpty()) {
        return;
      }
      Pair pair = best.get().getKey();
      merges.add(tokens.get(pair.left()) + " " + tokens.get(pair.right()));
      tokens.add(text(pair));
      words.forEach(word -> merge(word, pair, tokens.size() - 1));
    }
  }

  private String text(Pair pair) {
    return tokens.get(pair.left()) + tokens.get(pair.right());
  }

  private Map<Pair, Long> counts() {
    Map<Pair, Long> counts = new HashMap<>();
    for (List<Integer> word : words) {
      for (int i = 0; i + 1 < word.size(); i++) {
        counts.merge(new Pair(word.get(i), word.get(i + 1)), 1L, Long::sum);
      }
    }
    return counts;
  }

  private static void merge(List<Integer> word, Pair pair, int made) {
    for (int i = 0; i + 1 < word.size(); i++) {
      if (word.get(i) == pair.left() && word.get(i + 1) == pair.right()) {
        word.set(i, made);
        word.remove(i + 1);
      }
    }
  }

  /** The ids of all words in order of the texts. */
  int[] ids() {
    return words.stream().flatMap(List::stream).mapToInt(i -> i).toArray();
  }
}
