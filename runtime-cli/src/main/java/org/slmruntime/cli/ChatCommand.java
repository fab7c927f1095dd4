package org.slmruntime.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.slmruntime.SlmException;
import org.slmruntime.engine.ChatOptions;
import org.slmruntime.engine.FinishReason;
import org.slmruntime.engine.Generation;
import org.slmruntime.engine.GenerationResult;
import org.slmruntime.engine.LanguageModel;
import org.slmruntime.engine.Message;
import org.slmruntime.engine.ModelOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Talks with a model. */
@Command(
    name = "chat",
    description = "Talk with a model that has a chat template: answers on stdout.",
    footer = {
      "",
      "While talking: /help, /reset, /system TEXT, /exit. Ctrl-C stops an answer.",
      "",
      "Examples:",
      "  slm chat model.gguf",
      "  slm chat model.gguf --system \"Answer in one sentence.\" --temp 0.7",
      "  echo \"Why is the sky blue?\" | slm chat model.gguf -q"
    })
final class ChatCommand implements Callable<Integer> {
  private static final String HELP =
      "/reset forgets the conversation, /system TEXT sets the system message and resets, /exit ends";

  @Mixin ModelArguments model;
  @Mixin SamplingArguments sampling;

  @Option(names = "--system", paramLabel = "TEXT", description = "The system message.")
  String system;

  @ParentCommand Slm slm;

  @Spec CommandSpec spec;

  private final List<Message> conversation = new ArrayList<>();
  private PrintWriter out;
  private PrintWriter err;

  @Override
  public Integer call() throws IOException {
    out = spec.commandLine().getOut();
    err = spec.commandLine().getErr();
    ChatOptions options = ChatOptions.defaults().sampling(sampling.sampling());
    ModelOptions opening = model.options();
    try (LanguageModel loaded = LanguageModel.open(model.path(), opening)) {
      loaded.chatTemplates(); // Fails now rather than after the first line.
      try (ChatInput input = ChatInput.open(slm.in())) {
        reset();
        for (String line = input.readLine(); line != null; line = input.readLine()) {
          if (line.strip().equals("/exit")) {
            break;
          }
          handle(line.strip(), loaded, options, input);
        }
      }
    }
    return 0;
  }

  private void handle(String line, LanguageModel loaded, ChatOptions options, ChatInput input) {
    if (line.isEmpty()) {
      return;
    }
    if (line.equals("/reset")) {
      reset();
    } else if (line.startsWith("/system ")) {
      system = line.substring("/system ".length());
      reset();
    } else if (line.startsWith("/")) {
      err.println(
          line.equals("/help") ? HELP : "slm: no command " + Output.oneLine(line) + "; " + HELP);
      err.flush();
    } else {
      answer(line, loaded, options, input);
    }
  }

  private void reset() {
    conversation.clear();
    if (system != null) {
      conversation.add(Message.system(system));
    }
  }

  /** A question that fails is taken back, so that the next one has a chance. */
  private void answer(String line, LanguageModel loaded, ChatOptions options, ChatInput input) {
    conversation.add(Message.user(line));
    try (Generation generation = loaded.chatStream(conversation, options)) {
      GenerationResult result;
      try (AutoCloseable _ = input.onInterrupt(generation)) {
        result = Output.stream(generation, out);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      out.println();
      out.flush();
      conversation.add(Message.assistant(result.text()));
      if (!model.quiet) {
        err.println("slm: " + Output.timing(result));
      }
      if (result.finish() == FinishReason.LENGTH) {
        err.println("slm: the answer was cut off; -n allows more, /reset frees the context");
      }
      err.flush();
    } catch (FailureHandler.Terminated e) {
      throw e;
    } catch (SlmException e) {
      conversation.removeLast();
      if (!input.isInteractive()) {
        throw e;
      }
      err.println("slm: " + Output.oneLine(e.getMessage()) + " (/reset starts anew)");
      err.flush();
    }
  }
}
