package org.slmruntime.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Turns ids into text as they come, never half a character: bytes of an unfinished one wait for the
 * next id. Malformed bytes become U+FFFD. For one stream; not thread-safe.
 */
public final class StreamDecoder {
  private static final byte[] NOTHING = {};

  private final Tokenizer tokenizer;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private byte[] pending = NOTHING;
  private boolean first;

  StreamDecoder(Tokenizer tokenizer, boolean startOfText) {
    this.tokenizer = tokenizer;
    this.first = startOfText;
  }

  /** The text that is complete with this token; often a word, sometimes nothing. */
  public String accept(int id) {
    if (tokenizer.isControl(id)) {
      return "";
    }
    byte[] more = tokenizer.tokenBytes(id, first);
    first = false;
    return decode(more, false);
  }

  /** What is left: an unfinished character becomes U+FFFD. */
  public String finish() {
    return decode(NOTHING, true);
  }

  private String decode(byte[] more, boolean end) {
    byte[] bytes = Arrays.copyOf(pending, pending.length + more.length);
    System.arraycopy(more, 0, bytes, pending.length, more.length);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length + 1);
    decoder.reset();
    decoder.decode(in, out, end);
    if (end) {
      decoder.flush(out);
    }
    pending = Arrays.copyOfRange(bytes, in.position(), bytes.length);
    return out.flip().toString();
  }
}
