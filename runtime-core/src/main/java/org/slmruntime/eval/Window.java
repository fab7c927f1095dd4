package org.slmruntime.eval;

/**
 * A part of a text that a model sees by itself.
 *
 * @param ids its tokens, at least two
 * @param from the first position from which a token is predicted that counts: those after it are
 *     scored, {@code ids.length - 1 - from} in all, and the others are only read
 */
public record Window(int[] ids, int from) {
  public Window {
    if (ids.length < 2) {
      throw new EvaluationException(
          "a window has " + ids.length + " tokens; at least 2 are needed");
    }
    if (from < 0 || from > ids.length - 2) {
      throw new EvaluationException(
          "a window of " + ids.length + " tokens cannot be scored after position " + from);
    }
  }
}
