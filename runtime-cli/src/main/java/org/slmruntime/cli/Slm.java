package org.slmruntime.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The root command: chooses a subcommand and turns failures into one line and an exit code. */
@Command(
    name = "slm",
    mixinStandardHelpOptions = true,
    version = "slm 0.1.0-SNAPSHOT",
    scope = ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    description = "Runs small language models on this machine.",
    footer = {
      "",
      "Examples:",
      "  slm run model.gguf -p \"Once upon a time\" -n 100",
      "  slm chat model.gguf",
      "  slm inspect model.gguf",
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted."
    },
    subcommands = {
      RunCommand.class,
      InspectCommand.class,
      DevicesCommand.class,
      TokenizeCommand.class,
      LogitsCommand.class,
      PerplexityCommand.class,
      ParityCommand.class,
      BenchCommand.class,
      Slm.CompletionCommand.class
    })
public final class Slm implements Runnable {
  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of a failure.")
  boolean debug;

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Which command?");
  }

  /** Prints a completion script. */
  @Command(
      name = "completion",
      description = "Print a completion script for bash and zsh.",
      footer = {"", "Example:", "  source <(slm completion)"})
  static final class CompletionCommand implements Runnable {
    @CommandLine.Spec CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
      spec.commandLine().getOut().print(AutoComplete.bash("slm", spec.root().commandLine()));
      spec.commandLine().getOut().flush();
    }
  }

  /** The command with its error handling, writing to the given streams. */
  static CommandLine commandLine(PrintWriter out, PrintWriter err) {
    Slm slm = new Slm();
    CommandLine line = new CommandLine(slm);
    line.setOut(out);
    line.setErr(err);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    line.setExecutionExceptionHandler(new FailureHandler(slm));
    return line;
  }

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] args) {
    PrintWriter out = writer(FileDescriptor.out);
    PrintWriter err = writer(FileDescriptor.err);
    int code = commandLine(out, err).execute(args);
    out.flush();
    err.flush();
    System.exit(code);
  }

  /** UTF-8, whatever the locale says: text of models is Unicode. */
  private static PrintWriter writer(FileDescriptor descriptor) {
    return new PrintWriter(
        new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8),
        false,
        StandardCharsets.UTF_8);
  }
}
