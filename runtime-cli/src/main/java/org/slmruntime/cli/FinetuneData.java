package org.slmruntime.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.slmruntime.format.Metadata;
import org.slmruntime.model.Model;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;
import org.slmruntime.tokenizer.chat.ChatTemplates;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.data.ExampleEncoder;
import org.slmruntime.train.data.ExampleFile;
import org.slmruntime.train.data.Split;
import org.slmruntime.train.loop.Example;
import picocli.CommandLine.Option;

/** What a model is fine-tuned on. */
final class FinetuneData {
  private static final int SHORTEST = 2;
  private static final int USUAL_CONTEXT = 1024;

  @Option(
      names = "--data",
      paramLabel = "FILE.jsonl",
      required = true,
      description = "Examples to learn from.")
  Path file;

  @Option(
      names = "--validation",
      paramLabel = "FILE.jsonl",
      description = "Examples that only tell how well it goes (default: some of --data).")
  Path validation;

  @Option(
      names = "--validation-share",
      paramLabel = "X",
      description = "Share of --data that is set apart for that (default: 0.1).")
  Double share;

  @Option(
      names = {"-c", "--ctx"},
      paramLabel = "N",
      description = "Most tokens of an example (default: the model's, at most 1024).")
  Integer context;

  /** Reads and checks all of it. */
  Split read(Model model, TrainingArguments training) throws IOException {
    if (validation != null && share != null) {
      throw training.usage("--validation-share goes without --validation");
    }
    Metadata metadata = model.file().metadata();
    Tokenizer tokenizer =
        Tokenizers.fromGguf(metadata)
            .orElseThrow(() -> new TrainException(model.file().source() + ": has no tokenizer"));
    ExampleEncoder encoder =
        new ExampleEncoder(
            tokenizer,
            ChatTemplates.fromGguf(metadata, tokenizer),
            ChoiceEvaluation.TODAY,
            context(model, training));
    ExampleFile read = read(file, encoder, training);
    Split split =
        validation == null
            ? Split.drawn(read.examples(), share == null ? 0.1 : share, training.seed)
            : new Split(read.examples(), read(validation, encoder, training).examples());
    training.notice(
        size(split.training()) + " to learn from, " + size(split.validation()) + " to validate on");
    return split;
  }

  private int context(Model model, TrainingArguments training) {
    int most = model.contextLength();
    int chosen = context == null ? Math.min(most, USUAL_CONTEXT) : context;
    if (chosen < SHORTEST || chosen > most) {
      throw training.usage("--ctx must be in " + SHORTEST + ".." + most + " but is " + chosen);
    }
    return chosen;
  }

  private static ExampleFile read(Path file, ExampleEncoder encoder, TrainingArguments training)
      throws IOException {
    ExampleFile read = ExampleFile.read(file, encoder);
    if (read.cut() > 0) {
      training.notice(
          file
              + ": "
              + read.cut()
              + " of "
              + read.examples().size()
              + " examples are longer than --ctx "
              + encoder.maxTokens()
              + " and were cut");
    }
    if (read.crossing() > 0) {
      training.notice(
          file
              + ": in "
              + read.crossing()
              + " rows a token goes from the prompt into the completion, so that the prompt alone"
              + " will be other tokens; a space between them belongs to the completion");
    }
    return read;
  }

  private static String size(List<Example> examples) {
    long tokens = examples.stream().mapToLong(example -> example.ids().length).sum();
    return examples.size() + " examples (" + tokens + " tokens)";
  }
}
