package org.slmruntime.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
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
      "  slm run -p \"Once upon a time\"",
      "  slm run model.gguf -p \"Once upon a time\" -n 100",
      "  slm chat model.gguf",
      "  slm inspect model.gguf",
      "  slm pull owner/repo",
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted."
    },
    subcommands = {
      RunCommand.class,
      ChatCommand.class,
      InspectCommand.class,
      DevicesCommand.class,
      TokenizeCommand.class,
      TemplateCommand.class,
      LogitsCommand.class,
      PerplexityCommand.class,
      EvalCommand.class,
      ParityCommand.class,
      BenchCommand.class,
      MergeCommand.class,
      PullCommand.class,
      FinetuneCommand.class,
      PretrainCommand.class,
      Slm.CompletionCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Slm implements Runnable {
  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of a failure.")
  boolean debug;

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  /** Standard input; a command asks here, so that it can be given another. */
  private final InputStream in;

  /** The environment's variables, for the same reason. */
  private final Map<String, String> environment;

  Slm(InputStream in) {
    this(in, System.getenv());
  }

  Slm(InputStream in, Map<String, String> environment) {
    this.in = in;
    this.environment = environment;
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "which command? " + String.join(", ", spec.subcommands().keySet()));
  }

  InputStream in() {
    return in;
  }

  Map<String, String> environment() {
    return environment;
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

  /** The command, which parses and runs arguments and writes to the given streams. */
  CommandLine commandLine(PrintWriter out, PrintWriter err) {
    CommandLine line = new CommandLine(this);
    line.setOut(out);
    line.setErr(err);
    Values.register(line);
    line.setUsageHelpAutoWidth(true);
    // A prompt that begins with @ is a prompt.
    line.setExpandAtFiles(false);
    line.setParameterExceptionHandler(new UsageHandler());
    line.setExecutionExceptionHandler(new FailureHandler(this));
    return line;
  }

  /** Runs a command with the given streams and returns its exit code; throws nothing. */
  static int execute(InputStream in, PrintWriter out, PrintWriter err, String... args) {
    return new Slm(in).execute(out, err, args);
  }

  int execute(PrintWriter out, PrintWriter err, String... args) {
    try {
      return commandLine(out, err).execute(args);
    } catch (OutOfMemoryError | StackOverflowError e) {
      return new FailureHandler(this).report(e, err);
    }
  }

  /** The same with a standard output that may fail: results that were lost are a failure. */
  static int execute(InputStream in, StandardOutput out, PrintWriter err, String... args) {
    PrintWriter writer = out.writer();
    int code = execute(in, writer, err, args);
    writer.flush();
    Optional<String> lost = out.failure();
    lost.ifPresent(why -> err.println("slm: standard output: " + Output.oneLine(why)));
    return code == 0 && lost.isPresent() ? CommandLine.ExitCode.SOFTWARE : code;
  }

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] args) {
    PrintWriter err = new StandardOutput(new FileOutputStream(FileDescriptor.err)).writer();
    StandardOutput out = new StandardOutput(new FileOutputStream(FileDescriptor.out));
    int code = execute(System.in, out, err, args);
    err.flush();
    System.exit(code);
  }
}
