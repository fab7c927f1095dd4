package org.slmruntime.train.tokenizer;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.slmruntime.tokenizer.ByteLevelPieces;
import org.slmruntime.train.TrainException;

/**
 * How often each piece occurs in texts. A piece of more than {@value #MAX_WORD_BYTES} bytes is no
 * word of any language and teaches nothing; it is passed over. Not thread-safe.
 */
final class WordCounts {
  static final int MAX_WORD_BYTES = 1024;
  static final int MAX_TOTAL_BYTES = 1 << 27;

  private final ByteLevelPieces pieces;
  private final int[] symbolOf;
  private final int maxTotalBytes;
  private final Map<String, Word> words = new HashMap<>();
  private int totalBytes;

  /**
   * @param firstByte the symbol of byte 0; the other bytes' follow
   * @param maxTotalBytes of distinct words together
   */
  WordCounts(ByteLevelPieces pieces, int firstByte, int maxTotalBytes) {
    this.pieces = pieces;
    this.maxTotalBytes = maxTotalBytes;
    this.symbolOf = new int[512];
    for (int b = 0; b < BpeOptions.BYTES; b++) {
      symbolOf[ByteLevelPieces.standIn(b)] = firstByte + b;
    }
  }

  void add(String text) {
    for (String piece : pieces.split(text)) {
      if (piece.length() <= MAX_WORD_BYTES) {
        words.computeIfAbsent(piece, this::fresh).seen();
      }
    }
  }

  private Word fresh(String piece) {
    if (piece.length() > maxTotalBytes - totalBytes) {
      throw new TrainException(
          "the texts have more than "
              + maxTotalBytes
              + " bytes of distinct words ("
              + words.size()
              + " so far); train on fewer texts");
    }
    totalBytes += piece.length();
    return new Word(piece.chars().map(c -> symbolOf[c]).toArray());
  }

  Collection<Word> words() {
    return words.values();
  }
}
