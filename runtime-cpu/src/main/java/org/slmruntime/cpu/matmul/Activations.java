package org.slmruntime.cpu.matmul;

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
    SPLIT
  }

  /** Tokens that a thread lays out at a time. */
  static final int TOKENS_PER_CHUNK = 8;

  private final float[] split;
  private float[] values;

  /**
   * @param splitFloats the most that {@link #floats} says of a layer in {@link Form#SPLIT}
   */
  public Activations(long splitFloats) {
    split = new float[Math.toIntExact(splitFloats)];
  }

  /** Floats that a form takes, beside the values themselves. */
  public static long floats(Form form, int tokens, int columns) {
    return form == Form.SPLIT ? new SplitTokens(columns).floats(tokens) : 0;
  }

  /** [tokens][columns], as the step before left them. */
  float[] values() {
    return values;
  }

  /** The tokens in the layout of {@link SplitTokens}. */
  float[] split() {
    return split;
  }

  /** Begins with another input. */
  void begin(float[] input) {
    values = input;
  }

  /**
   * Lays out tokens {@code first .. last - 1}. Threads call it on disjoint tokens.
   *
   * @param first a multiple of {@link #TOKENS_PER_CHUNK}
   * @param work this thread's own, for {@link SplitTokens#put}
   */
  void prepare(Form form, int first, int last, int columns, float[] work) {
    switch (form) {
      case VALUES -> {}
      case SPLIT -> {
        SplitTokens layout = new SplitTokens(columns);
        for (int t = first; t < last; t++) {
          layout.put(values, t, split, work);
        }
      }
    }
  }
}
