package org.slmruntime.ptx;

/** A word, number, string or punctuation mark of PTX text. */
record Token(Kind kind, String text, int line) {
  enum Kind {
    WORD,
    NUMBER,
    STRING,
    MARK,
    END
  }

  boolean is(String other) {
    return kind != Kind.STRING && text.equals(other);
  }
}
