package org.slmruntime.tokenizer.chat;

import java.time.Clock;

/** What one rendering has used of its limits, and the line it is at. Belongs to one thread. */
final class RenderState {
  /** Evaluations within each other; keeps the Java stack within half a megabyte. */
  private static final int MAX_NESTING = 400;

  private final TemplateLimits limits;
  private final Clock clock;
  private long stepsLeft;
  private int nesting;
  private int calls;
  private int line = 1;

  RenderState(TemplateLimits limits, Clock clock) {
    this.limits = limits;
    this.clock = clock;
    this.stepsLeft = limits.steps();
  }

  Clock clock() {
    return clock;
  }

  /** Moves to a line; returns the one before. */
  int moveTo(int to) {
    int before = line;
    line = to;
    return before;
  }

  void step() {
    steps(1);
  }

  void steps(long count) {
    stepsLeft -= count;
    if (stepsLeft < 0) {
      throw error("more than " + limits.steps() + " steps");
    }
  }

  /** Counts a value with so many elements that is about to be made or gone through. */
  void elements(long count) {
    checkSize(count);
    steps(count + 1);
  }

  /** Counts a value for whose elements so many objects are about to be made. */
  void objects(long count) {
    checkSize(count);
    // Each takes some fifty bytes, where an element that is there already takes four.
    steps(4 * count + 1);
  }

  /** Counts a text of so many characters that is about to be made or gone through. */
  void characters(long count) {
    checkSize(count);
    // Copying four characters costs less than evaluating an expression.
    steps(count / 4 + 1);
  }

  /** Refuses a size beyond the limit. */
  void checkSize(long count) {
    if (count > limits.size()) {
      throw error("a value of size " + count + " is beyond the limit of " + limits.size());
    }
  }

  /** Enters an evaluation within another; {@link #leave} ends it. */
  void enter() {
    if (++nesting > MAX_NESTING) {
      throw error("evaluation nested deeper than " + MAX_NESTING);
    }
    step();
  }

  void leave() {
    nesting--;
  }

  /** Enters a call; {@link #leaveCall} ends it. */
  void enterCall() {
    if (++calls > limits.depth()) {
      throw error("calls nested deeper than " + limits.depth());
    }
  }

  void leaveCall() {
    calls--;
  }

  TemplateException error(String problem) {
    // A problem may quote a value of any size.
    String brief = problem.length() > 300 ? problem.substring(0, 300) + "..." : problem;
    return new TemplateException("template line " + line + ": " + brief);
  }

  /** What the template says of its input. */
  TemplateException raised(String message) {
    return new TemplateException(
        "template line " + line + ": the template refuses its input: " + message, message);
  }
}
