package org.slmruntime.cpu.matmul;

/**
 * What goes into linear layers, in the forms that their kernels read. A plan has one, since one
 * step of it runs at a time; a step of linear layers fills it, in parallel, before its kernels run.
 */
public final class Activations {
  /** One way to lay out tokens. */
  public enum Form {
    /** As they are: [tokens][columns] float32. */
    VALUES
  }

  /** Tokens that a thread lays out at a time. */
  static final int TOKENS_PER_CHUNK = 8;

  private float[] values;

  /** [tokens][columns], as the step before left them. */
  float[] values() {
    return values;
  }

  /** Begins with another input. */
  void begin(float[] input) {
    values = input;
  }

  /**
   * Lays out tokens {@code first .. last - 1}. Threads call it on disjoint tokens.
   *
   * @param first a multiple of {@link #TOKENS_PER_CHUNK}
   */
  void prepare(Form form, int first, int last, int columns) {
    switch (form) {
      case VALUES -> {}
    }
  }
}
