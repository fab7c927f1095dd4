package org.slmruntime.sampling;

import java.util.List;

/**
 * A chosen token.
 *
 * @param logProb its natural log-probability before any sampling parameter, or NaN if not asked for
 * @param alternatives the most likely tokens, most likely first; empty if not asked for
 */
public record TokenChoice(int token, float logProb, List<Alternative> alternatives) {
  /** A token that could have been chosen. */
  public record Alternative(int token, float logProb) {}
}
