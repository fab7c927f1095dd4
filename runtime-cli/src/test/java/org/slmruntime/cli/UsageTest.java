package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
  private static final String COMMANDS =
      "run, inspect, devices, tokenize, logits, perplexity, parity, bench, completion";

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
    Outcome.of("run", "-p", "hi").failedWith(2, "MODEL", "slm run --help");
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
  @ValueSource(strings = {"run", "inspect", "devices", "tokenize", "logits", "perplexity"})
  void explainsACommandWithAnExample(String command) {
    Outcome help = Outcome.of(command, "--help").succeeded();
    assertTrue(help.out().contains("Usage: slm " + command), help::toString);
    assertTrue(help.out().contains("Example"), help::toString);
    assertTrue(help.out().contains("  slm " + command), help::toString);
    assertEquals("", help.err());
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
  }
}
