package org.slmruntime.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** One line for a command that is used wrongly, and where its usage is explained. */
final class UsageHandler implements CommandLine.IParameterExceptionHandler {
  @Override
  public int handleParseException(ParameterException problem, String[] args) {
    CommandLine line = problem.getCommandLine();
    List<String> unknown = line.getUnmatchedArguments();
    // A mistyped option is also why something else seems to be missing.
    ParameterException e =
        problem instanceof MissingParameterException && !unknown.isEmpty()
            ? new UnmatchedArgumentException(line, unknown)
            : problem;
    String command = line.getCommandSpec().qualifiedName();
    line.getErr()
        .println(
            "slm: "
                + Output.oneLine(e.getMessage())
                + suggestion(e)
                + " (see "
                + command
                + " --help)");
    line.getErr().flush();
    return CommandLine.ExitCode.USAGE;
  }

  private static String suggestion(ParameterException e) {
    List<String> similar =
        e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
    return similar.isEmpty() ? "" : "; did you mean " + String.join(" or ", similar) + "?";
  }
}
