package org.slmruntime.eval;

import java.util.Arrays;
import java.util.OptionalInt;

/** How a text that is longer than a model's context is cut. Immutable. */
public sealed interface Windows {
  /** Most tokens of a window. */
  int length();

  /** How many windows a text of at least two tokens has. */
  int count(int tokens);

  /**
   * One window of a text.
   *
   * @param ids the text's tokens, with what the model's texts begin with
   * @param index from 0 to below {@link #count}
   */
  Window window(int[] ids, int index);

  /**
   * Windows beside each other, the second half of each scored, so that every scored token has half
   * a window before it; what fills no window is left out, and a text shorter than one is scored
   * whole. So does llama.cpp's perplexity.
   *
   * @param bos what each window's first token is replaced with
   */
  record Halves(int length, OptionalInt bos) implements Windows {
    /** The second half of a window must hold a token and the one that it predicts. */
    public static final int SHORTEST = 4;

    public Halves {
      if (length < SHORTEST) {
        throw new EvaluationException(
            "windows must have at least " + SHORTEST + " tokens but have " + length);
      }
    }

    @Override
    public int count(int tokens) {
      return Math.max(1, tokens / length);
    }

    @Override
    public Window window(int[] ids, int index) {
      int start = index * length;
      int[] part = Arrays.copyOfRange(ids, start, start + Math.min(length, ids.length - start));
      if (bos.isPresent() && part.length > 0) {
        part[0] = bos.getAsInt();
      }
      return new Window(part, ids.length < length ? 0 : length / 2);
    }
  }

  /**
   * Windows that overlap: each begins {@code stride} tokens after the one before it and scores what
   * that one has not seen, so that every token but the first is scored once, with at least {@code
   * length - stride} tokens before it from the second window on. So does Hugging Face's guide to
   * the perplexity of models with a fixed context.
   *
   * @param stride from 1, the best and slowest, to {@code length - 1}
   */
  record Sliding(int length, int stride) implements Windows {
    public Sliding {
      if (stride < 1 || stride >= length) {
        throw new EvaluationException(
            "the stride of windows of "
                + length
                + " tokens must be in 1.."
                + (length - 1)
                + " but is "
                + stride);
      }
    }

    @Override
    public int count(int tokens) {
      return tokens <= length ? 1 : 1 + Math.ceilDiv(tokens - length, stride);
    }

    @Override
    public Window window(int[] ids, int index) {
      int start = index * stride;
      int[] part = Arrays.copyOfRange(ids, start, start + Math.min(length, ids.length - start));
      return new Window(part, index == 0 ? 0 : length - stride - 1);
    }
  }
}
