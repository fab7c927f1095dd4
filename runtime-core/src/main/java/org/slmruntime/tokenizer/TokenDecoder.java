package org.slmruntime.tokenizer;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A step from tokens back to text, as a tokenizer.json lists them: from tokens to tokens, which are
 * joined in the end. A whole text is decoded exactly so; a stream cannot look ahead, so there each
 * step does to one token what it can.
 */
interface TokenDecoder {
  List<String> decode(List<String> tokens);

  /** What becomes of a token before the next one is known. */
  default String alone(String token, boolean first) {
    return token;
  }

  static TokenDecoder perToken(BiFunction<String, Boolean, String> change) {
    return new TokenDecoder() {
      @Override
      public List<String> decode(List<String> tokens) {
        List<String> changed = new ArrayList<>(tokens.size());
        for (int i = 0; i < tokens.size(); i++) {
          changed.add(change.apply(tokens.get(i), i == 0));
        }
        return changed;
      }

      @Override
      public String alone(String token, boolean first) {
        return change.apply(token, first);
      }
    };
  }

  /** All tokens become one. */
  static TokenDecoder fuse() {
    return tokens -> List.of(String.join("", tokens));
  }

  /** GPT-2's stand-ins for bytes become text, all at once. */
  static TokenDecoder byteLevel() {
    return tokens -> {
      java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
      tokens.forEach(token -> bytes.writeBytes(ByteLevel.decode(token)));
      return List.of(bytes.toString(StandardCharsets.UTF_8));
    };
  }

  /** Runs of byte tokens become text, or a U+FFFD for each byte if they are not UTF-8. */
  static TokenDecoder byteFallback() {
    return tokens -> {
      List<String> out = new ArrayList<>();
      for (int i = 0; i < tokens.size(); ) {
        int end = i;
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        for (; end < tokens.size() && Vocabulary.byteOf(tokens.get(end)) >= 0; end++) {
          bytes.write(Vocabulary.byteOf(tokens.get(end)));
        }
        out.addAll(end == i ? List.of(tokens.get(i)) : strictly(bytes.toByteArray()));
        i = Math.max(end, i + 1);
      }
      return out;
    };
  }

  private static List<String> strictly(byte[] bytes) {
    try {
      return List.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException _) {
      return Collections.nCopies(bytes.length, "\ufffd");
    }
  }

  /** The output of connectionist temporal classification: repeated tokens count once. */
  static TokenDecoder ctc(String pad, String delimiter, boolean cleanup) {
    return tokens -> {
      List<String> out = new ArrayList<>();
      String last = null;
      for (String token : tokens) {
        if (!token.equals(last)) {
          String text = pad.isEmpty() ? token : token.replace(pad, "");
          text = cleanup ? Detokenizers.cleanUp(text).replace(delimiter, " ") : text;
          out.add(text);
        }
        last = token;
      }
      return out;
    };
  }

  /** The mark of a word's end becomes a space, but at the end of the text. */
  static TokenDecoder wordEnds(String suffix) {
    return new TokenDecoder() {
      @Override
      public List<String> decode(List<String> tokens) {
        List<String> out = new ArrayList<>(tokens.size());
        for (int i = 0; i < tokens.size(); i++) {
          out.add(tokens.get(i).replace(suffix, i == tokens.size() - 1 ? "" : " "));
        }
        return out;
      }

      @Override
      public String alone(String token, boolean first) {
        return token.replace(suffix, " ");
      }
    };
  }

  /** Takes {@code content} from the start and the end of each token, a number of times at most. */
  record Strip(String content, int start, int stop) implements TokenDecoder {
    @Override
    public List<String> decode(List<String> tokens) {
      return tokens.stream().map(this::stripped).toList();
    }

    @Override
    public String alone(String token, boolean first) {
      return stripped(token);
    }

    private String stripped(String token) {
      int from = 0;
      int to = token.length();
      int length = content.length();
      for (int i = 0; i < start && length > 0 && token.startsWith(content, from); i++) {
        from += length;
      }
      for (int i = 0; i < stop && length > 0 && to - length >= from; i++) {
        if (!token.startsWith(content, to - length)) {
          break;
        }
        to -= length;
      }
      return token.substring(from, to);
    }
  }
}
