package org.slmruntime.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.slmruntime.engine.EngineException;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.json.Json;
import org.slmruntime.json.JsonException;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Prints token ids. */
@Command(
    name = "tokenize",
    description = "Print a text's token ids as a JSON array.",
    footer = {
      "",
      "Examples:",
      "  slm tokenize model.gguf \"Hello world\"",
      "  slm tokenize tokenizer.json --file text.txt",
      "  slm tokenize tokenizer.json --cases texts.json"
    })
final class TokenizeCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description =
          "A GGUF file, a tokenizer.json, a folder that holds one, or a name that was pulled.")
  Path model;

  @Parameters(index = "1", arity = "0..1", paramLabel = "TEXT", description = "The text.")
  String text;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "Read the text from a file.")
  Path file;

  @Option(
      names = "--cases",
      paramLabel = "FILE",
      description = "A JSON array of strings: print one array of ids a line.")
  Path cases;

  @Option(names = "--special", description = "Add what begins and ends a text (BOS, EOS).")
  boolean special;

  @ParentCommand Slm slm;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (Stream.of(text, file, cases).filter(Objects::nonNull).count() > 1) {
      throw new ParameterException(spec.commandLine(), "give only one of TEXT, --file and --cases");
    }
    List<String> texts = texts();
    model = ModelPath.resolve(model, spec, false);
    Tokenizer tokenizer = tokenizer();
    PrintWriter out = spec.commandLine().getOut();
    texts.forEach(input -> print(tokenizer, input, out));
    out.flush();
    return 0;
  }

  private List<String> texts() throws IOException {
    if (cases == null) {
      return List.of(input());
    }
    try {
      return Json.asArray(Json.parse(TextInput.file(cases)), "the file").stream()
          .map(item -> Json.asString(item, "a case"))
          .toList();
    } catch (JsonException e) {
      throw new FormatException(cases + ": " + e.getMessage(), e);
    }
  }

  private void print(Tokenizer tokenizer, String input, PrintWriter out) {
    out.println(Arrays.toString(tokenizer.encode(input, special, true)));
  }

  private String input() throws IOException {
    if (text != null) {
      return text;
    }
    if (file != null) {
      return TextInput.file(file);
    }
    if (Terminals.isInput()) {
      throw new ParameterException(
          spec.commandLine(), "no text: give TEXT, --file, --cases or text on standard input");
    }
    return TextInput.stream(slm.in());
  }

  private Tokenizer tokenizer() {
    if (Files.isDirectory(model)) {
      return Tokenizers.fromHuggingFace(model.resolve("tokenizer.json"));
    }
    if (model.toString().endsWith(".json")) {
      return Tokenizers.fromHuggingFace(model);
    }
    try (GgufFile gguf = GgufFile.open(model)) {
      return Tokenizers.fromGguf(gguf.metadata())
          .orElseThrow(() -> new EngineException(model + ": has no tokenizer"));
    }
  }
}
