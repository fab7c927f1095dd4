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
      "While talking: /help, /reset, /system TEXT, /exit. Ctrl-C stops an answer, Ctrl-D ends.",
      "",
      "Examples:",
      "  slm chat",
      "  slm chat model.gguf",
      "  slm chat model.gguf --system \"Answer in one sentence.\" --temp 0.7",
      "  echo \"Why is the sky blue?\" | slm chat model.gguf -q"
    })
final class ChatCommand implements Callable<Integer> {
  private static final String HELP =
      "/reset forgets the conversation, /system TEXT sets the system message and resets, /exit ends";

  private static final String DEMO =
      "it tells stories and knows nothing else: \"Tell me a story about a brave fox named Pip.\"";

  /** An answer is promised this part of the context, if it may get that long. */
  private static final int ANSWERS_PART = 4;

  @Mixin ModelArguments model;
  @Mixin SamplingArguments sampling;

  @Option(names = "--system", paramLabel = "TEXT", description = "The system message.")
  String system;

  @ParentCommand Slm slm;

  @Spec CommandSpec spec;

  private final List<Message> conversation = new ArrayList<>();
  private ChatOptions options;
  private PrintWriter out;
  private PrintWriter err;

  @Override
  public Integer call() throws IOException {
    out = spec.commandLine().getOut();
    err = spec.commandLine().getErr();
    options = ChatOptions.defaults().sampling(sampling.sampling());
    ModelOptions opening = model.options();
    try (LanguageModel loaded = LanguageModel.open(model.path(), opening)) {
      loaded.chatTemplates(); // Fails now rather than after the first line.
      try (ChatInput input = ChatInput.open(slm.in())) {
        talk(loaded, input);
      }
    }
    return 0;
  }

  private void talk(LanguageModel loaded, ChatInput input) throws IOException {
    if (model.isDemo()) {
      note(DEMO);
    }
    if (input.isInteractive()) {
      note("/help explains what else can be typed, Ctrl-D ends");
    }
    reset();
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      if (line.strip().equals("/exit")) {
        return;
      }
      handle(line.strip(), loaded, input);
    }
  }

  private void handle(String line, LanguageModel loaded, ChatInput input) {
    if (line.isEmpty()) {
      return;
    }
    if (line.equals("/reset")) {
      reset();
    } else if (line.equals("/system") || line.startsWith("/system ")) {
      String text = line.substring("/system".length()).strip();
      system = text.isEmpty() ? null : text;
      reset();
    } else if (line.startsWith("/")) {
      tell(line.equals("/help") ? HELP : "no command " + line + "; " + HELP);
    } else {
      answer(line, loaded, input);
    }
  }

  private void reset() {
    conversation.clear();
    if (system != null) {
      conversation.add(Message.system(system));
    }
  }

  /** A question that fails is taken back, so that the next one has a chance. */
  private void answer(String line, LanguageModel loaded, ChatInput input) {
    conversation.add(Message.user(line));
    try (Generation generation = loaded.generate(prompt(loaded), options.sampling());
        ChatInput.Interruption _ = input.onInterrupt(generation)) {
      GenerationResult result = Output.stream(generation, out);
      out.println();
      out.flush();
      conversation.add(Message.assistant(result.text()));
      note(Output.timing(result));
      if (result.finish() == FinishReason.LENGTH) {
        noteLimit(result, loaded.contextLength());
      }
    } catch (SlmException e) {
      conversation.removeLast();
      if (!input.isInteractive()) {
        throw e;
      }
      tell(e.getMessage() + " (/reset starts anew)");
    }
  }

  private void noteLimit(GenerationResult result, int context) {
    boolean wanted = result.completionTokens() >= options.sampling().maxTokens();
    note(
        wanted
            ? "the answer was cut off after " + result.completionTokens() + " tokens, as -n wants"
            : "the answer was cut off: the context of " + context + " tokens is full (see --ctx)");
  }

  /** The conversation as tokens; where it leaves no room for an answer, its start is forgotten. */
  private int[] prompt(LanguageModel loaded) {
    int context = loaded.contextLength();
    int room = Math.max(1, Math.min(options.sampling().maxTokens(), context / ANSWERS_PART));
    int[] ids = loaded.chatPrompt(conversation, options);
    int forgotten = 0;
    while (ids.length + room > context && forgetOldest()) {
      forgotten++;
      ids = loaded.chatPrompt(conversation, options);
    }
    if (forgotten > 0) {
      note("the context is full: the oldest questions are forgotten (" + forgotten + ")");
    }
    return ids;
  }

  /** Forgets the oldest question and its answer, never the system message or the last question. */
  private boolean forgetOldest() {
    int oldest = system == null ? 0 : 1;
    if (conversation.size() <= oldest + 1) {
      return false;
    }
    conversation.remove(oldest);
    conversation.remove(oldest);
    return true;
  }

  /** Something that is good to know. */
  private void note(String text) {
    if (!model.quiet) {
      tell(text);
    }
  }

  private void tell(String text) {
    err.println("slm: " + Output.oneLine(text));
    err.flush();
  }
}
