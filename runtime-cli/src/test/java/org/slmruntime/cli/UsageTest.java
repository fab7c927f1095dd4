package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UsageTest {
  private static final String COMMANDS =
      "run, chat, inspect, devices, tokenize, template, logits, perplexity, eval, parity, bench, "
          + "finetune, merge, pull, completion";

  @Test
  void asksForACommand() {
    Outcome.of().failedWith(2, "which command?", "run", "slm --help");
  }

  @Test
  void refusesAnUnknownCommandWithASuggestion() {
    Outcome.of("inspcet", "model.gguf").failedWith(2, "inspcet", "did you mean", "inspect");
  }

  @Test
  void asksForTheModel() {
    Outcome.of("tokenize").failedWith(2, "MODEL", "slm tokenize --help");
  }

  @Test
  void namesAnUnknownOptionBeforeWhatIsMissing() {
    Outcome.of("run", "--no-such-option").failedWith(2, "--no-such-option", "slm run --help");
    Outcome.of("logits", "m.gguf", "--idz", "1").failedWith(2, "--idz", "did you mean", "--ids");
  }

  @Test
  void asksForAnOptionsMissingValue() {
    Outcome.of("run", "model.gguf", "-p").failedWith(2, "-p");
  }

  @Test
  void refusesASurplusArgument() {
    Outcome.of("run", "model.gguf", "other.gguf", "-p", "hi").failedWith(2, "other.gguf");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void explainsACommandWithAnExample(String command) {
    Outcome help = Outcome.of(command, "--help").succeeded();
    assertTrue(help.out().contains("Usage: slm " + command), help::toString);
    assertTrue(help.out().contains("Example"), help::toString);
    String example = "(?s).*Examples?:\n.*slm " + command + ".*";
    assertTrue(help.out().matches(example), help::toString);
    assertEquals("", help.err());
  }

  static List<String> commands() {
    return List.of(COMMANDS.split(", ", -1));
  }

  @Test
  void helpsWithACommandInEitherOrder() {
    String help = Outcome.of("run", "--help").succeeded().out();
    assertEquals(help, Outcome.of("help", "run").succeeded().out());
    assertEquals(Outcome.of("--help").out(), Outcome.of("help").succeeded().out());
  }

  @Test
  void saysWhatAValueShouldBeInWordsForPeople() {
    Outcome.of("run", "m.gguf", "--temp", "hot").failedWith(2, "--temp", "'hot' is not a number");
    Outcome.of("run", "m.gguf", "-n", "1.5").failedWith(2, "'1.5' is not a whole number");
    Outcome.of("run", "m.gguf", "--seed", "9".repeat(30)).failedWith(2, "not a whole number");
    Outcome.of("run", "m.gguf", "--kv-type", "f8")
        .failedWith(2, "--kv-type", "'f8' is not f32, f16 or q8_0");
    Outcome.of("run", "m.gguf", "--file", "").failedWith(2, "--file", "'' is not a path");
  }

  @Test
  void doesNotTakeNothingForTheWorkingDirectory() {
    for (String command : List.of("run", "inspect", "tokenize", "bench")) {
      Outcome.of(command, "").failedWith(2, "'' is not a path");
    }
    Outcome.of("template", "", "--messages", "m.json").failedWith(2, "'' is not a path");
  }

  @Test
  void listsEveryCommandAndTheExitCodes() {
    Outcome help = Outcome.of("--help").succeeded();
    for (String command : COMMANDS.split(", ", -1)) {
      assertTrue(help.out().contains("  " + command + " "), () -> command + " in " + help);
    }
    assertTrue(help.out().contains("Exit codes: 0 done, 1 failed, 2 wrong usage"), help::toString);
  }

  @Test
  void tellsItsVersion() {
    assertTrue(Outcome.of("--version").succeeded().out().startsWith("slm "));
  }

  @Test
  void printsACompletionScriptThatKnowsCommandsAndOptions() {
    String script = Outcome.of("completion").succeeded().out();
    assertTrue(script.startsWith("#!/usr/bin/env bash"), script);
    assertTrue(script.contains("perplexity") && script.contains("--kv-type"), script);
    assertTrue(script.contains("\"f32\" \"f16\" \"q8_0\""), script);
    assertTrue(script.contains("\"auto\" \"cuda\" \"cpu\" \"reference\""), script);
  }
}
