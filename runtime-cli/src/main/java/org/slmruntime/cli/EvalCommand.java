package org.slmruntime.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.slmruntime.backend.spi.ProgressListener;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Judges a model by a text, a reference model, or questions. */
@Command(
    name = "eval",
    description = "Measure perplexity, divergence from a reference model, or accuracy.",
    footer = {
      "",
      "A line of FILE.jsonl is {\"question\": \"...\", \"choices\": [\"...\", ...], \"answer\": 0},",
      "or with \"prompt\" instead, which the choices continue as it is. The answer is an index",
      "from 0 or a letter from A.",
      "",
      "Examples:",
      "  slm eval model.gguf --text wiki.txt",
      "  slm eval model-q4_0.gguf --text wiki.txt --reference model-f16.gguf",
      "  slm eval model.gguf --choices questions.jsonl --chat --json"
    })
final class EvalCommand implements Callable<Integer> {
  @Mixin ModelArguments model;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = "Perplexity on a text, in windows of --ctx tokens (default: at most 512).")
  Path text;

  @Option(
      names = "--stride",
      paramLabel = "N",
      description =
          "Windows overlap, each N tokens after the other, and every token is scored once"
              + " (default: windows beside each other, the second half of each scored).")
  Integer stride;

  @Option(
      names = "--reference",
      paramLabel = "MODEL",
      description = "With --text: divergence from this model, which is in memory at once.")
  Path reference;

  @Option(
      names = "--choices",
      paramLabel = "FILE.jsonl",
      description = "Accuracy on multiple-choice questions.")
  Path choices;

  @Option(
      names = "--chat",
      description = "With --choices: ask by the model's chat template; choices are its answers.")
  boolean chat;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    check();
    Report report =
        choices != null ? new ChoiceEvaluation(this).run() : new TextEvaluation(this).run();
    report.print(spec.commandLine().getOut(), json);
    return 0;
  }

  private void check() {
    if ((text == null) == (choices == null)) {
      throw usage("what to evaluate on: give --text FILE or --choices FILE.jsonl");
    }
    if (text == null && (reference != null || stride != null)) {
      throw usage((reference != null ? "--reference" : "--stride") + " goes with --text");
    }
    if (choices == null && chat) {
      throw usage("--chat goes with --choices");
    }
  }

  ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Where it is told how far the work has come. */
  ProgressListener progress() {
    return model.quiet ? ProgressListener.NONE : new ProgressBar(spec.commandLine().getErr());
  }

  /** Tells what is worth knowing beside the results. */
  void notice(String message) {
    if (!model.quiet) {
      spec.commandLine().getErr().println("slm: " + Output.oneLine(message));
      spec.commandLine().getErr().flush();
    }
  }
}
