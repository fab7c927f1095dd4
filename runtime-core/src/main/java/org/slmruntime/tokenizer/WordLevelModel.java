package org.slmruntime.tokenizer;

/** A piece is one token or unknown; without a token for the unknown it is dropped. */
record WordLevelModel(Vocabulary vocabulary, int unknown) implements TokenModel {
  @Override
  public void encode(String piece, IntList ids) {
    int id = vocabulary.id(piece);
    if (id >= 0 || unknown >= 0) {
      ids.add(id >= 0 ? id : unknown);
    }
  }
}
