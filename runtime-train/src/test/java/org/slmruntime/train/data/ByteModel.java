package org.slmruntime.train.data;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slmruntime.format.Metadata;
import org.slmruntime.json.JsonLines;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;
import org.slmruntime.tokenizer.chat.ChatTemplates;
import org.slmruntime.train.tokenizer.BpeOptions;
import org.slmruntime.train.tokenizer.BpeTrainer;
import org.slmruntime.train.tokenizer.SpecialTexts;

/** A vocabulary of bytes and a few special tokens, with a chat template. */
record ByteModel(Tokenizer tokenizer, Optional<ChatTemplates> templates) {
  static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

  static ByteModel withTemplate(String template) {
    SpecialTexts special =
        new SpecialTexts("<s>", "</s>", Optional.of("<|im_end|>"), List.of("<|im_start|>"));
    BpeOptions options = new BpeOptions(256 + 4, "qwen2", special);
    Map<String, Object> values =
        new HashMap<>(BpeTrainer.train(Stream.of("a"), options).metadata());
    if (template != null) {
      values.put("tokenizer.chat_template", template);
    }
    Metadata metadata = new Metadata("bytes", values);
    Tokenizer tokenizer = Tokenizers.fromGguf(metadata).orElseThrow();
    return new ByteModel(tokenizer, ChatTemplates.fromGguf(metadata, tokenizer));
  }

  ExampleEncoder encoder(int maxTokens) {
    return new ExampleEncoder(tokenizer, templates, CLOCK, maxTokens);
  }

  List<MarkedTokens> encode(Map<String, Object> row) {
    return encoder(10_000).encode(new JsonLines.Row("rows, line 1", row));
  }

  /** All text, special tokens spelled out. */
  String text(int[] ids) {
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(
          tokenizer.isControl(id)
              ? tokenizer.tokenText(id)
              : new String(tokenizer.tokenBytes(id, false), StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  /** The texts between what is not learned. */
  List<String> learned(MarkedTokens tokens) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < tokens.ids().length; i++) {
      if (tokens.counts()[i]) {
        String text = text(new int[] {tokens.ids()[i]});
        boolean goesOn = i > 0 && tokens.counts()[i - 1];
        texts.add(goesOn ? texts.removeLast() + text : text);
      }
    }
    return texts;
  }
}
