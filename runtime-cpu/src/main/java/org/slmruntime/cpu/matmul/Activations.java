package org.slmruntime.cpu.matmul;

import static org.slmruntime.cpu.packed.Panels.BLOCK;

import java.util.Arrays;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.cpu.packed.Multipliers;
import org.slmruntime.cpu.packed.PackedFormat.CodeWidth;
import org.slmruntime.cpu.packed.TokenGroups;

/**
 * What goes into linear layers, in the forms that their kernels read. A plan has one, since one
 * step of it runs at a time; a step of linear layers fills it, in parallel, before its kernels run.
 */
public final class Activations {
  /** One way to lay out tokens. */
  public enum Form {
    /** As they are: [tokens][columns] float32. */
    VALUES,
    /** Column by column of each vector lane, float32: {@link SplitTokens}. */
    SPLIT,
    /** A few in the order and scale of {@link WordTokens}. */
    WORDS,
    /** Many in the order and scale of {@link WordTokens}. */
    SPLIT_WORDS,
    /** One token rounded to 8 bits, with a scale for each 32 columns, for codes of 3 bits. */
    THREES,
    /** The same for codes of 4 bits. */
    FOURS,
    /** The same for codes of 5 bits. */
    FIVES,
    /** The same for codes of 6 bits. */
    SIXES,
    /** The same for codes of 8 bits. */
    EIGHTS,
    /** Rounded too, in pairs and the order that {@link TokenGroups} has. */
    GROUPED_CODES,
    /** The same as float32. */
    GROUPED_FLOATS
  }

  /** Tokens that a thread lays out at a time. */
  static final int TOKENS_PER_CHUNK = 8;

  /** Largest array a JVM gives for sure. */
  private static final long MAX_LENGTH = Integer.MAX_VALUE - 8;

  static final int WIDTHS = CodeWidth.values().length;

  private final float[] split;
  private final WordTokens words;
  private float[] values;
  private int tokens;
  private final short[] codes;
  private final int[][] multipliers = new int[WIDTHS][];
  private final float[] codeScales;
  private final float[] codeSums;
  private final TokenGroups groups;

  /**
   * @throws BackendException if a form of the largest step does not fit an array
   */
  public Activations(ActivationSizes sizes) {
    int count = length(sizes.codes());
    split = new float[length(sizes.splitFloats())];
    words = new WordTokens(length(sizes.wordFloats()), sizes.wordTokens());
    codes = new short[count];
    Arrays.setAll(multipliers, _ -> new int[sizes.multipliers()]);
    codeScales = new float[count / BLOCK];
    codeSums = new float[count / BLOCK];
    groups = new TokenGroups(length(sizes.paired()), length(sizes.floats()));
  }

  private static int length(long elements) {
    if (elements > MAX_LENGTH) {
      throw new BackendException(
          "a step's input of "
              + elements
              + " elements is too large for one array; use smaller steps");
    }
    return (int) elements;
  }

  /** [tokens][columns], as the step before left them. */
  float[] values() {
    return values;
  }

  /** The tokens in the layout of {@link SplitTokens}. */
  float[] split() {
    return split;
  }

  /** The tokens for weights of 16 bits. */
  WordTokens words() {
    return words;
  }

  /** [tokens][columns] of -127 to 127, kept as shorts for kernels that multiply shorts. */
  short[] codes() {
    return codes;
  }

  /** {@link Multipliers} of the one token for codes of a width. */
  int[] multipliers(CodeWidth width) {
    return multipliers[width.ordinal()];
  }

  /** [tokens][columns / 32]. */
  float[] codeScales() {
    return codeScales;
  }

  /** [tokens][columns / 32], a block's scale times the sum of its codes. */
  float[] codeSums() {
    return codeSums;
  }

  /** The same of all tokens, in groups. */
  TokenGroups groups() {
    return groups;
  }

  /** Begins with another input. */
  void begin(float[] input, int tokenCount) {
    values = input;
    tokens = tokenCount;
  }

  /**
   * Lays out tokens {@code first .. last - 1}. Threads call it on disjoint tokens.
   *
   * @param first a multiple of {@link #TOKENS_PER_CHUNK}
   * @param scratch this thread's own, for float32 forms
   */
  void prepare(Form form, int first, int last, int columns, LinearScratch scratch) {
    switch (form) {
      case VALUES -> {}
      case SPLIT -> {
        SplitTokens layout = new SplitTokens(columns);
        for (int t = first; t < last; t++) {
          layout.put(values, t * columns, t, split, scratch.work);
        }
      }
      case WORDS -> {
        for (int t = first; t < last; t++) {
          words.put(values, t, columns);
        }
      }
      case SPLIT_WORDS -> {
        for (int t = first; t < last; t++) {
          words.putSplit(values, t, columns, scratch);
        }
      }
      case THREES -> round(CodeWidth.THREE, first, last, columns);
      case FOURS -> round(CodeWidth.FOUR, first, last, columns);
      case FIVES -> round(CodeWidth.FIVE, first, last, columns);
      case SIXES -> round(CodeWidth.SIX, first, last, columns);
      case EIGHTS -> round(CodeWidth.EIGHT, first, last, columns);
      case GROUPED_CODES -> group(false, first, last, columns);
      case GROUPED_FLOATS -> group(true, first, last, columns);
    }
  }

  private void group(boolean asFloats, int first, int last, int columns) {
    round(first, last, columns);
    groups.put(asFloats, codes, codeScales, codeSums, first, last, tokens, columns);
  }

  private void round(CodeWidth width, int first, int last, int columns) {
    round(first, last, columns);
    Multipliers.make(width, codes, columns, multipliers(width));
  }

  private void round(int first, int last, int columns) {
    int count = (last - first) * columns;
    ActivationCodes.round(values, first * columns, count, codes, codeScales, codeSums);
  }
}
