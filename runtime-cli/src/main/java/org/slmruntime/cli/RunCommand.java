package org.slmruntime.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.slmruntime.engine.Generation;
import org.slmruntime.engine.GenerationResult;
import org.slmruntime.engine.LanguageModel;
import org.slmruntime.engine.ModelOptions;
import org.slmruntime.sampling.Sampling;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Continues a prompt. */
@Command(
    name = "run",
    description = "Continue a prompt: the completion on stdout, everything else on stderr.",
    footer = {
      "",
      "Examples:",
      "  slm run -p \"Once upon a time\"",
      "  slm run model.gguf -p \"Once upon a time\" -n 200 --temp 0",
      "  slm run model.gguf --file prompt.txt --top-k 20 --seed 7",
      "  echo \"The sky is\" | slm run model.gguf -n 20"
    })
final class RunCommand implements Callable<Integer> {
  @Mixin ModelArguments model;
  @Mixin SamplingArguments sampling;

  @Option(
      names = {"-p", "--prompt"},
      paramLabel = "TEXT",
      description = "The text to continue.")
  String prompt;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "Read the prompt from a file.")
  Path file;

  @ParentCommand Slm slm;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Sampling choosing = sampling.sampling();
    ModelOptions options = model.options();
    String text = promptText();
    try (LanguageModel loaded = LanguageModel.open(model.path(), options)) {
      Generation generation = loaded.generate(text, choosing);
      try (Interrupt _ = new Interrupt(generation)) {
        GenerationResult result = Output.stream(generation, out);
        out.println();
        out.flush();
        if (!model.quiet) {
          err.println("slm: " + Output.timing(result));
        }
      }
    }
    return 0;
  }

  private String promptText() throws IOException {
    if (prompt != null && file != null) {
      throw new ParameterException(spec.commandLine(), "give either -p or --file, not both");
    }
    if (prompt != null) {
      return prompt;
    }
    String text = file != null ? TextInput.file(file) : standardInput();
    if (text.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "no prompt: " + (file == null ? "standard input" : file) + " is empty");
    }
    return text;
  }

  private String standardInput() throws IOException {
    if (Terminals.isInput()) {
      throw new ParameterException(
          spec.commandLine(), "no prompt: give -p TEXT, --file FILE or text on standard input");
    }
    return TextInput.stream(slm.in());
  }
}
