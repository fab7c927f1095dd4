package org.slmruntime.train.finetune;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.slmruntime.train.data.Split;
import org.slmruntime.train.loop.Example;

/** Tells whether examples are the same as those that a training was begun with. */
final class Fingerprint {
  private static final int SHOWN_BYTES = 8;

  private Fingerprint() {}

  /** Of all tokens and marks, in order. */
  static String of(Split data) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    add(digest, data.training());
    add(digest, data.validation());
    return HexFormat.of().formatHex(digest.digest(), 0, SHOWN_BYTES);
  }

  private static void add(MessageDigest digest, List<Example> examples) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, examples.size()));
    for (Example example : examples) {
      int[] ids = example.ids();
      ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (1 + ids.length) + ids.length);
      bytes.putInt(ids.length);
      for (int i = 0; i < ids.length; i++) {
        bytes.putInt(ids[i]).put((byte) (example.counts()[i] ? 1 : 0));
      }
      digest.update(bytes.flip());
    }
  }
}
