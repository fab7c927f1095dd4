package org.slmruntime.train.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slmruntime.SlmException;
import org.slmruntime.json.JsonLines;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.loop.Example;

/**
 * The examples of a data file, in its order. Immutable.
 *
 * @param examples at least one for each row
 * @param cut examples that were longer than the most tokens and have lost their end
 * @param crossing examples with a token that begins in the prompt and ends in the completion; who
 *     asks with the prompt alone asks in other tokens
 */
public record ExampleFile(List<Example> examples, int cut, int crossing) {
  /** Lines of 1 MiB, 256 MiB and a million rows in all. */
  public static final JsonLines.Limits LIMITS =
      new JsonLines.Limits(1 << 20, 1_000_000, 256L << 20);

  public ExampleFile {
    examples = List.copyOf(examples);
  }

  /**
   * Reads a file of the rows that {@link ExampleEncoder} describes.
   *
   * @throws BadRowsException with all rows that cannot be used, up to a limit
   * @throws SlmException if there are no rows, or a limit is passed
   */
  public static ExampleFile read(Path file, ExampleEncoder encoder) throws IOException {
    return new Reader(file, encoder).read();
  }

  private static final class Reader {
    private final Path file;
    private final ExampleEncoder encoder;
    private final List<String> problems = new ArrayList<>();
    private int cut;
    private int crossing;

    Reader(Path file, ExampleEncoder encoder) {
      this.file = file;
      this.encoder = encoder;
    }

    ExampleFile read() throws IOException {
      List<List<Example>> rows = JsonLines.read(file, LIMITS, this::examples, this::bad);
      if (!problems.isEmpty()) {
        throw new BadRowsException(file, problems);
      }
      if (rows.isEmpty()) {
        throw new TrainException(file + ": has no rows");
      }
      return new ExampleFile(rows.stream().flatMap(List::stream).toList(), cut, crossing);
    }

    private void bad(SlmException e) {
      problems.add(e.getMessage());
      if (problems.size() == BadRowsException.MOST) {
        throw new BadRowsException(file, problems);
      }
    }

    private List<Example> examples(JsonLines.Row row) {
      return encoder.encode(row).stream().map(tokens -> example(row, tokens)).toList();
    }

    private Example example(JsonLines.Row row, MarkedTokens tokens) {
      int most = encoder.maxTokens();
      if (tokens.firstLearned() >= most) {
        throw row.error(
            tokens.firstLearned()
                + " tokens come before what is to be learned; the context has "
                + most);
      }
      if (tokens.ids().length > most) {
        cut++;
      }
      if (tokens.crosses()) {
        crossing++;
      }
      MarkedTokens fitting = tokens.cut(most);
      return new Example(fitting.ids(), fitting.counts());
    }
  }
}
