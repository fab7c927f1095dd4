package org.slmruntime.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** Text to token ids and back. Immutable; threads may share it. */
public final class Tokenizer {
  private final Vocabulary vocabulary;
  private final AddedTokens rawTokens;
  private final AddedTokens normalizedTokens;
  private final Normalizer normalizer;
  private final PreTokenizer preTokenizer;
  private final TokenModel model;
  private final Detokenizer detokenizer;
  private final SpecialTokens special;

  Tokenizer(
      Vocabulary vocabulary,
      List<AddedToken> added,
      Normalizer normalizer,
      PreTokenizer preTokenizer,
      TokenModel model,
      Detokenizer detokenizer,
      SpecialTokens special) {
    this.vocabulary = vocabulary;
    this.rawTokens = new AddedTokens(added.stream().filter(t -> !t.normalized()).toList());
    this.normalizedTokens =
        new AddedTokens(
            added.stream()
                .filter(AddedToken::normalized)
                .map(t -> t.written(normalizer.normalize(t.content())))
                .toList());
    this.normalizer = normalizer;
    this.preTokenizer = preTokenizer;
    this.model = model;
    this.detokenizer = detokenizer;
    this.special = special;
  }

  /** One more than the largest id that has a text. */
  public int vocabularySize() {
    return vocabulary.size();
  }

  /**
   * Encodes a text.
   *
   * @param addSpecial whether to add what begins and ends a text of this model (BOS, EOS)
   * @param parseSpecial whether special tokens written in the text become those tokens; if not they
   *     are text like any other
   */
  public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
    IntList ids = new IntList();
    if (addSpecial) {
      ids.addAll(special.prefix());
    }
    String wellFormed = withoutLoneSurrogates(text);
    rawTokens.split(
        wellFormed,
        parseSpecial,
        false,
        new AddedTokens.Sink() {
          @Override
          public void text(String part, boolean afterToken) {
            encodeNormalized(normalizer.normalize(part), parseSpecial, afterToken, ids);
          }

          @Override
          public void token(int id) {
            ids.add(id);
          }
        });
    if (addSpecial) {
      ids.addAll(special.suffix());
    }
    return ids.toArray();
  }

  /**
   * Ids with BOS before them where texts of this model begin with it: most chat templates write it
   * themselves, and it must be there once.
   */
  public int[] withBos(int[] ids) {
    if (!addsBos() || (ids.length > 0 && ids[0] == special.bos().getAsInt())) {
      return ids;
    }
    int[] all = new int[ids.length + 1];
    all[0] = special.bos().getAsInt();
    System.arraycopy(ids, 0, all, 1, ids.length);
    return all;
  }

  private void encodeNormalized(
      String text, boolean parseSpecial, boolean afterToken, IntList ids) {
    normalizedTokens.split(
        text,
        parseSpecial,
        afterToken,
        new AddedTokens.Sink() {
          @Override
          public void text(String part, boolean after) {
            for (String piece : preTokenizer.split(part, !after)) {
              model.encode(piece, ids);
            }
          }

          @Override
          public void token(int id) {
            ids.add(id);
          }
        });
  }

  /** Such text has no UTF-8 form; each becomes U+FFFD. */
  static String withoutLoneSurrogates(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints()
            .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
            .forEach(out::appendCodePoint);
        return out.toString();
      }
    }
    return text;
  }

  /** A decoder for ids that continue a text, as generated ones do. */
  public StreamDecoder decoder() {
    return new StreamDecoder(this, false);
  }

  /** The text of ids from the start of a text on; special tokens are left out. */
  public String decode(int[] ids) {
    List<String> tokens = new ArrayList<>();
    for (int id : ids) {
      String token = isControl(id) ? null : tokenText(id);
      if (token != null) {
        tokens.add(token);
      }
    }
    return detokenizer.text(tokens);
  }

  /** The bytes that an id adds to a text; none for an id without token. */
  public byte[] tokenBytes(int id, boolean startOfText) {
    String token = tokenText(id);
    return token == null ? new byte[0] : detokenizer.bytes(token, startOfText);
  }

  /** The token as the vocabulary has it, or null. */
  public String tokenText(int id) {
    return id >= 0 && id < vocabulary.size() ? vocabulary.tokens().get(id) : null;
  }

  /** The id of a token written as the vocabulary has it. */
  public OptionalInt idOf(String token) {
    int id = vocabulary.id(token);
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** Whether an id is a special token, which has no text of its own. */
  public boolean isControl(int id) {
    return special.control().contains(id);
  }

  public OptionalInt bosId() {
    return special.bos();
  }

  public OptionalInt eosId() {
    return special.eos();
  }

  /** Whether texts of this model begin with BOS. */
  public boolean addsBos() {
    return special.bos().isPresent()
        && special.prefix().length > 0
        && special.prefix()[0] == special.bos().getAsInt();
  }

  /** Ids that end a generation. */
  public Set<Integer> endOfGeneration() {
    return special.endOfGeneration();
  }
}
