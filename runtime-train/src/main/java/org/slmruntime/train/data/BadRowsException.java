package org.slmruntime.train.data;

import java.nio.file.Path;
import java.util.List;
import org.slmruntime.SlmException;

/** Some rows of a data file cannot be learned from. */
public final class BadRowsException extends SlmException {
  private static final long serialVersionUID = 1L;

  /** Rows after which no more are looked for. */
  public static final int MOST = 20;

  private final String[] problems;

  BadRowsException(Path file, List<String> problems) {
    super(
        file
            + ": "
            + (problems.size() == MOST ? "at least " : "")
            + problems.size()
            + (problems.size() == 1 ? " row" : " rows")
            + " cannot be learned from; nothing was written");
    this.problems = problems.toArray(String[]::new);
  }

  /** What is wrong with each, by file and line. */
  public List<String> problems() {
    return List.of(problems);
  }
}
