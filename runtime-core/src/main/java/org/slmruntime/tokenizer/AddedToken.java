package org.slmruntime.tokenizer;

/**
 * A token that is cut out of the text before anything else.
 *
 * @param special whether it is one only where special tokens are wanted
 * @param normalized whether it is looked for in normalized text rather than in the raw one
 * @param leftStrip whether it takes the white space before it
 * @param rightStrip whether it takes the white space after it
 * @param singleWord whether it must not touch other word characters
 */
record AddedToken(
    int id,
    String content,
    boolean special,
    boolean normalized,
    boolean leftStrip,
    boolean rightStrip,
    boolean singleWord) {
  /** The same token, looked for under another text. */
  AddedToken written(String text) {
    return new AddedToken(id, text, special, normalized, leftStrip, rightStrip, singleWord);
  }

  static AddedToken special(int id, String content) {
    return new AddedToken(id, content, true, false, false, false, false);
  }

  static AddedToken plain(int id, String content) {
    return new AddedToken(id, content, false, false, false, false, false);
  }
}
