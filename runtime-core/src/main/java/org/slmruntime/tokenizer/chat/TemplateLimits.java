package org.slmruntime.tokenizer.chat;

/**
 * What rendering may cost.
 *
 * @param steps expressions and statements evaluated, and elements handled by filters
 * @param depth of nested calls and blocks
 * @param size characters of the output, and elements or characters of any value made on the way
 */
public record TemplateLimits(long steps, int depth, int size) {
  /** Longest template source. */
  public static final int MAX_SOURCE = 1 << 20;

  public static TemplateLimits defaults() {
    return new TemplateLimits(20_000_000, 100, 16 << 20);
  }
}
