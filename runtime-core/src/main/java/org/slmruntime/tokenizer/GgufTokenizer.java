package org.slmruntime.tokenizer;

import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.slmruntime.format.Metadata;

/** Reads the {@code tokenizer.ggml.*} keys. */
final class GgufTokenizer {
  private static final String PREFIX = "tokenizer.ggml.";
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;
  private static final int UNKNOWN = 2;

  private final Metadata metadata;
  private final Vocabulary vocabulary;
  private final int[] types;

  private GgufTokenizer(Metadata metadata) {
    this.metadata = metadata;
    this.vocabulary = Vocabulary.of(named(metadata.requireStrings(PREFIX + "tokens")));
    this.types = metadata.ints(PREFIX + "token_type").orElse(new int[vocabulary.size()]);
    if (types.length < vocabulary.size()) {
      throw metadata.wrong(
          PREFIX + "token_type",
          "has " + types.length + " entries for " + vocabulary.size() + " tokens");
    }
  }

  static Optional<Tokenizer> build(Metadata metadata) {
    String model = metadata.string(PREFIX + "model").orElse("none");
    return switch (model) {
      case "none", "no_vocab" -> Optional.empty();
      case "llama" -> Optional.of(new GgufTokenizer(metadata).sentencePiece());
      case "gpt2" -> Optional.of(new GgufTokenizer(metadata).byteLevelBpe());
      case "t5" -> Optional.of(new GgufTokenizer(metadata).unigram());
      case "bert" -> Optional.of(new GgufTokenizer(metadata).wordPiece());
      default ->
          throw metadata.wrong(
              PREFIX + "model",
              "must be llama, gpt2, t5, bert or no_vocab but is \"" + model + "\"");
    };
  }

  /** An empty text would match everywhere. */
  private static List<String> named(List<String> tokens) {
    List<String> named = new ArrayList<>(tokens);
    for (int i = 0; i < named.size(); i++) {
      if (named.get(i).isEmpty()) {
        named.set(i, "[EMPTY_" + i + "]");
      }
    }
    return named;
  }

  private Tokenizer sentencePiece() {
    float[] scores = scores();
    boolean addPrefix = metadata.bool(PREFIX + "add_space_prefix").orElse(true);
    PreTokenizer spaces = (text, _) -> List.of((addPrefix ? "▁" : "") + text.replace(' ', '▁'));
    TokenModel model = new SentencePieceBpeModel(vocabulary, scores, id("unknown", 0));
    return new Tokenizer(
        vocabulary,
        added(),
        Normalizer.NONE,
        spaces,
        model,
        Detokenizers.sentencePiece(addPrefix),
        special(id("bos", 1), id("eos", 2), true, false));
  }

  private Tokenizer byteLevelBpe() {
    String pre = metadata.string(PREFIX + "pre").orElse("default");
    PreTokenizerKind kind =
        PreTokenizerKind.named(pre)
            .orElseThrow(() -> metadata.wrong(PREFIX + "pre", "\"" + pre + "\" is unknown"));
    List<String> lines = metadata.requireStrings(PREFIX + "merges");
    BpeMerges merges = new BpeMerges(vocabulary, lines.size(), 0, false);
    lines.forEach(merges::add);
    boolean addPrefix = metadata.bool(PREFIX + "add_space_prefix").orElse(false);
    List<PreTokenizer> steps = new ArrayList<>();
    if (addPrefix) {
      steps.add((text, first) -> List.of(first && !text.startsWith(" ") ? " " + text : text));
    }
    steps.addAll(kind.splits());
    steps.add(PreTokenizer.byteLevel(false));
    return new Tokenizer(
        vocabulary,
        added(),
        kind.composes() ? Normalizer.unicode(Form.NFC) : Normalizer.NONE,
        PreTokenizer.sequence(steps),
        merges.model(BpeModel.Options.byteLevel(kind.ignoresMerges())),
        (token, _) -> ByteLevel.decode(token),
        special(id("bos", 11), id("eos", 11), kind.addsBos(), false));
  }

  private Tokenizer unigram() {
    float[] scores = scores();
    double[] wide = new double[vocabulary.size()];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = scores[i];
    }
    boolean addPrefix = metadata.bool(PREFIX + "add_space_prefix").orElse(true);
    boolean squeeze = metadata.bool(PREFIX + "remove_extra_whitespaces").orElse(false);
    List<Normalizer> steps = new ArrayList<>();
    metadata
        .ints(PREFIX + "precompiled_charsmap")
        .ifPresent(map -> steps.add(PrecompiledCharsMap.ofInts(map)));
    if (squeeze) {
      steps.add(text -> text.replaceAll(" +", " "));
      steps.add(text -> text.substring(text.startsWith(" ") ? 1 : 0));
      steps.add(text -> text.endsWith(" ") ? text.substring(0, text.length() - 1) : text);
    }
    return new Tokenizer(
        vocabulary,
        added(),
        Normalizer.sequence(steps),
        PreTokenizer.metaspace("▁", addPrefix ? "always" : "never", false),
        new UnigramModel(vocabulary, wide, id("unknown", 2), false),
        Detokenizers.sentencePiece(addPrefix),
        special(id("bos", -1), id("eos", 1), false, true));
  }

  /** GGUF stores BERT's vocabulary with word starts marked by ▁ instead of continuations by ##. */
  private Tokenizer wordPiece() {
    List<String> marked = new ArrayList<>();
    for (int i = 0; i < vocabulary.size(); i++) {
      String token = vocabulary.tokens().get(i);
      boolean word = token.startsWith("▁");
      boolean whole = types[i] == CONTROL || types[i] == UNKNOWN || types[i] == USER_DEFINED;
      marked.add(word ? token.substring(1) : whole ? token : "##" + token);
    }
    int cls = id("cls", id("bos", 101));
    int sep = id("seperator", id("eos", 102));
    Vocabulary words = Vocabulary.of(marked);
    Set<Integer> control = ofType(CONTROL);
    return new Tokenizer(
        words,
        added(),
        Normalizer.bert(true, true, true, true),
        PreTokenizer.bert(),
        new WordPieceModel(words, "##", id("unknown", 100), 100),
        Detokenizers.wordPiece("##", true),
        new SpecialTokens(
            optional(cls), optional(sep), present(cls), present(sep), control, Set.of()));
  }

  private float[] scores() {
    float[] scores =
        metadata.has(PREFIX + "scores")
            ? metadata.floats(PREFIX + "scores").orElseThrow()
            : new float[vocabulary.size()];
    if (scores.length < vocabulary.size()) {
      throw metadata.wrong(
          PREFIX + "scores",
          "has " + scores.length + " entries for " + vocabulary.size() + " tokens");
    }
    return scores;
  }

  private List<AddedToken> added() {
    List<AddedToken> added = new ArrayList<>();
    for (int id = 0; id < vocabulary.size(); id++) {
      String text = vocabulary.tokens().get(id);
      if (types[id] == CONTROL || types[id] == UNKNOWN) {
        added.add(AddedToken.special(id, text));
      } else if (types[id] == USER_DEFINED) {
        added.add(AddedToken.plain(id, text));
      }
    }
    return added;
  }

  private Set<Integer> ofType(int type) {
    Set<Integer> ids = new HashSet<>();
    for (int id = 0; id < vocabulary.size(); id++) {
      if (types[id] == type) {
        ids.add(id);
      }
    }
    return ids;
  }

  private SpecialTokens special(
      int bos, int eos, boolean addBosByDefault, boolean addEosByDefault) {
    boolean addBos = metadata.bool(PREFIX + "add_bos_token").orElse(addBosByDefault);
    boolean addEos = metadata.bool(PREFIX + "add_eos_token").orElse(addEosByDefault);
    Set<Integer> ends = new HashSet<>();
    for (int end : new int[] {eos, id("eot", -1), id("eom", -1)}) {
      if (end >= 0) {
        ends.add(end);
      }
    }
    Set<Integer> control = ofType(CONTROL);
    return new SpecialTokens(
        optional(bos),
        optional(eos),
        addBos ? present(bos) : new int[0],
        addEos ? present(eos) : new int[0],
        Set.copyOf(control),
        SpecialTokens.ends(vocabulary, ends));
  }

  /** A special id; one outside the vocabulary is ignored, and so is a default outside of it. */
  private int id(String name, int otherwise) {
    long id = metadata.integer(PREFIX + name + "_token_id").orElse(-1L);
    if (id >= 0 && id < vocabulary.size()) {
      return (int) id;
    }
    return otherwise < vocabulary.size() ? otherwise : -1;
  }

  private static OptionalInt optional(int id) {
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }

  private static int[] present(int id) {
    return id < 0 ? new int[0] : new int[] {id};
  }
}
