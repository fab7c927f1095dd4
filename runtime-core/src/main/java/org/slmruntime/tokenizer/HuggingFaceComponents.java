package org.slmruntime.tokenizer;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.slmruntime.json.Json;
import org.slmruntime.tokenizer.regex.CharSets;
import org.slmruntime.tokenizer.regex.Regex;

/** The normalizers, pre-tokenizers and decoders of a tokenizer.json by their names. */
final class HuggingFaceComponents {
  private HuggingFaceComponents() {}

  static Normalizer normalizer(Object json) {
    if (json == null) {
      return Normalizer.NONE;
    }
    Map<String, Object> c = Json.asObject(json, "normalizer");
    String type = type(c, "normalizer");
    return switch (type) {
      case "Sequence" ->
          Normalizer.sequence(
              Json.asArray(c.get("normalizers"), "normalizers").stream()
                  .map(HuggingFaceComponents::normalizer)
                  .toList());
      case "NFC" -> Normalizer.unicode(Form.NFC);
      case "NFD" -> Normalizer.unicode(Form.NFD);
      case "NFKC" -> Normalizer.unicode(Form.NFKC);
      case "NFKD" -> Normalizer.unicode(Form.NFKD);
      case "Lowercase" -> Normalizer.lowercase();
      case "Prepend" -> Normalizer.prepend(text(c, "prepend"));
      case "Strip" -> Normalizer.strip(flag(c, "strip_left", true), flag(c, "strip_right", true));
      case "StripAccents" -> Normalizer.stripAccents();
      case "Nmt" -> Normalizer.nmt();
      case "ByteLevel" -> ByteLevel::encode;
      case "Replace" -> replace(c);
      case "Precompiled" -> PrecompiledCharsMap.of(charsMap(c));
      case "BertNormalizer" -> {
        boolean lowercase = flag(c, "lowercase", true);
        yield Normalizer.bert(
            flag(c, "clean_text", true),
            flag(c, "handle_chinese_chars", true),
            flag(c, "strip_accents", lowercase),
            lowercase);
      }
      default -> throw unsupported("normalizer", type);
    };
  }

  private static byte[] charsMap(Map<String, Object> c) {
    try {
      return Base64.getDecoder().decode(text(c, "precompiled_charsmap"));
    } catch (IllegalArgumentException e) {
      throw new TokenizerException("precompiled_charsmap is not base64: " + e.getMessage());
    }
  }

  private static Normalizer replace(Map<String, Object> c) {
    Map<String, Object> pattern = Json.asObject(c.get("pattern"), "pattern");
    return pattern.containsKey("Regex")
        ? Normalizer.replace(Regex.compile(text(pattern, "Regex")), text(c, "content"))
        : Normalizer.replace(text(pattern, "String"), text(c, "content"));
  }

  static PreTokenizer preTokenizer(Object json) {
    if (json == null) {
      return PreTokenizer.NONE;
    }
    Map<String, Object> c = Json.asObject(json, "pre_tokenizer");
    String type = type(c, "pre_tokenizer");
    return switch (type) {
      case "Sequence" ->
          PreTokenizer.sequence(
              Json.asArray(c.get("pretokenizers"), "pretokenizers").stream()
                  .map(HuggingFaceComponents::preTokenizer)
                  .toList());
      case "ByteLevel" -> byteLevel(c);
      case "Split" -> split(c);
      case "Metaspace" -> metaspace(c);
      case "Whitespace" ->
          PreTokenizer.pattern(
              Regex.compile("[\\w\\x{200c}\\x{200d}]+|[^\\w\\x{200c}\\x{200d}\\s]+"),
              PreTokenizer.Behaviour.REMOVED,
              true);
      case "WhitespaceSplit" ->
          PreTokenizer.chars(CharSets::isSpace, PreTokenizer.Behaviour.REMOVED);
      case "BertPreTokenizer" -> PreTokenizer.bert();
      case "Punctuation" ->
          PreTokenizer.chars(
              PreTokenizer::isBertPunctuation, behaviour(c, PreTokenizer.Behaviour.ISOLATED));
      case "Digits" ->
          PreTokenizer.chars(
              x -> NUMERIC.matchEnd(Character.toString(x), 0, Character.charCount(x)) > 0,
              flag(c, "individual_digits", false)
                  ? PreTokenizer.Behaviour.ISOLATED
                  : PreTokenizer.Behaviour.CONTIGUOUS);
      case "CharDelimiterSplit" ->
          PreTokenizer.literal(text(c, "delimiter"), PreTokenizer.Behaviour.REMOVED, false);
      case "UnicodeScripts" -> PreTokenizer.scripts();
      case "FixedLength" ->
          PreTokenizer.fixedLength(
              Math.max(1, HuggingFaceModel.id(c.getOrDefault("length", 5L), "length")));
      default -> throw unsupported("pre_tokenizer", type);
    };
  }

  private static final Regex NUMERIC = Regex.compile("\\p{N}");

  private static PreTokenizer byteLevel(Map<String, Object> c) {
    boolean addPrefix = flag(c, "add_prefix_space", true);
    List<PreTokenizer> parts = new ArrayList<>();
    if (addPrefix) {
      parts.add(
          (text, _) ->
              text.isEmpty() ? List.of() : List.of(text.startsWith(" ") ? text : " " + text));
    }
    if (flag(c, "use_regex", true)) {
      parts.add(
          PreTokenizer.pattern(
              Regex.compile(PreTokenizerKind.GPT2), PreTokenizer.Behaviour.ISOLATED, false));
    }
    parts.add(PreTokenizer.byteLevel(false));
    return PreTokenizer.sequence(parts);
  }

  private static PreTokenizer split(Map<String, Object> c) {
    Map<String, Object> pattern = Json.asObject(c.get("pattern"), "pattern");
    PreTokenizer.Behaviour behaviour = behaviour(c, PreTokenizer.Behaviour.ISOLATED);
    boolean invert = flag(c, "invert", false);
    return pattern.containsKey("Regex")
        ? PreTokenizer.pattern(Regex.compile(text(pattern, "Regex")), behaviour, invert)
        : PreTokenizer.literal(text(pattern, "String"), behaviour, invert);
  }

  private static PreTokenizer metaspace(Map<String, Object> c) {
    String scheme =
        c.get("prepend_scheme") instanceof String s
            ? s
            : flag(c, "add_prefix_space", true) ? "always" : "never";
    return PreTokenizer.metaspace(replacement(c), scheme, flag(c, "split", true));
  }

  private static String replacement(Map<String, Object> c) {
    return c.get("replacement") instanceof String s ? s : "▁";
  }

  private static PreTokenizer.Behaviour behaviour(
      Map<String, Object> c, PreTokenizer.Behaviour otherwise) {
    if (!(c.get("behavior") instanceof String name)) {
      return otherwise;
    }
    return switch (name) {
      case "Removed" -> PreTokenizer.Behaviour.REMOVED;
      case "Isolated" -> PreTokenizer.Behaviour.ISOLATED;
      case "MergedWithPrevious" -> PreTokenizer.Behaviour.MERGED_WITH_PREVIOUS;
      case "MergedWithNext" -> PreTokenizer.Behaviour.MERGED_WITH_NEXT;
      case "Contiguous" -> PreTokenizer.Behaviour.CONTIGUOUS;
      default -> throw unsupported("behavior", name);
    };
  }

  static Detokenizer detokenizer(Object json) {
    List<TokenDecoder> steps = new ArrayList<>();
    if (json == null) {
      steps.add(TokenDecoder.perToken((token, first) -> first ? token : " " + token));
    } else {
      addDecoders(Json.asObject(json, "decoder"), steps);
    }
    return new Detokenizer() {
      @Override
      public byte[] bytes(String token, boolean first) {
        return alone(steps, token, first);
      }

      @Override
      public String text(List<String> tokens) {
        List<String> decoded = tokens;
        for (TokenDecoder step : steps) {
          decoded = step.decode(decoded);
        }
        return String.join("", decoded);
      }
    };
  }

  private static byte[] alone(List<TokenDecoder> steps, String token, boolean first) {
    int b = steps.contains(BYTE_FALLBACK) ? Vocabulary.byteOf(token) : -1;
    if (b >= 0) {
      return new byte[] {(byte) b};
    }
    String text = token;
    boolean fused = false;
    for (TokenDecoder step : steps) {
      fused |= step.equals(FUSE);
      // Behind a fuse there is but one token, the text, of which only the start is stripped here.
      boolean within = fused && !first && step instanceof TokenDecoder.Strip;
      text = within ? text : step.alone(text, first);
    }
    return steps.contains(BYTE_LEVEL)
        ? ByteLevel.decode(text)
        : text.getBytes(StandardCharsets.UTF_8);
  }

  private static final TokenDecoder BYTE_LEVEL = TokenDecoder.byteLevel();
  private static final TokenDecoder BYTE_FALLBACK = TokenDecoder.byteFallback();
  private static final TokenDecoder FUSE = TokenDecoder.fuse();

  private static void addDecoders(Map<String, Object> c, List<TokenDecoder> steps) {
    String type = type(c, "decoder");
    switch (type) {
      case "Sequence" -> {
        for (Object part : Json.asArray(c.get("decoders"), "decoders")) {
          addDecoders(Json.asObject(part, "a decoder"), steps);
        }
      }
      case "ByteLevel" -> steps.add(BYTE_LEVEL);
      case "ByteFallback" -> steps.add(BYTE_FALLBACK);
      case "Fuse" -> steps.add(FUSE);
      case "Replace" -> {
        Normalizer replace = replace(c);
        steps.add(TokenDecoder.perToken((token, _) -> replace.normalize(token)));
      }
      case "WordPiece" -> {
        String prefix = c.get("prefix") instanceof String p ? p : "##";
        boolean cleanup = flag(c, "cleanup", true);
        steps.add(
            TokenDecoder.perToken(
                (token, first) -> Detokenizers.wordPieceText(token, first, prefix, cleanup)));
      }
      case "Metaspace" -> {
        String replacement = replacement(c);
        boolean prepended = !"never".equals(c.get("prepend_scheme"));
        steps.add(
            TokenDecoder.perToken(
                (token, first) -> token.replace(replacement, first && prepended ? "" : " ")));
      }
      case "Strip" -> {
        String content = text(c, "content");
        int start = HuggingFaceModel.id(c.getOrDefault("start", 0L), "Strip start");
        int stop = HuggingFaceModel.id(c.getOrDefault("stop", 0L), "Strip stop");
        steps.add(new TokenDecoder.Strip(content, start, stop));
      }
      case "BPEDecoder" -> {
        String suffix = c.get("suffix") instanceof String s ? s : "</w>";
        steps.add(TokenDecoder.wordEnds(suffix));
      }
      case "CTC" ->
          steps.add(
              TokenDecoder.ctc(
                  c.get("pad_token") instanceof String s ? s : "<pad>",
                  c.get("word_delimiter_token") instanceof String s ? s : "|",
                  flag(c, "cleanup", true)));
      default -> throw unsupported("decoder", type);
    }
  }

  private static String type(Map<String, Object> c, String what) {
    return Json.asString(c.get("type"), what + " type");
  }

  private static String text(Map<String, Object> c, String key) {
    return Json.asString(c.get(key), key);
  }

  private static boolean flag(Map<String, Object> c, String key, boolean otherwise) {
    return c.get(key) instanceof Boolean flag ? flag : otherwise;
  }

  private static TokenizerException unsupported(String what, String type) {
    return new TokenizerException(what + " " + type + " is not supported");
  }
}
