package org.slmruntime.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * SentencePiece's precompiled normalization: a double-array trie (Aoe, 1989, in the layout of the
 * Darts-clone library) from UTF-8 prefixes to replacements. Every index is checked, since the map
 * comes with the model.
 */
final class PrecompiledCharsMap implements Normalizer {
  private final int[] units;
  private final byte[] replacements;

  private PrecompiledCharsMap(byte[] blob) {
    ByteBuffer in = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
    if (blob.length < 4) {
      throw new TokenizerException("precompiled character map of " + blob.length + " bytes");
    }
    int trieBytes = in.getInt();
    if (trieBytes < 0 || trieBytes % 4 != 0 || trieBytes > in.remaining()) {
      throw new TokenizerException(
          "precompiled character map: trie of " + trieBytes + " in " + blob.length + " bytes");
    }
    units = new int[trieBytes / 4];
    for (int i = 0; i < units.length; i++) {
      units[i] = in.getInt();
    }
    replacements = new byte[in.remaining()];
    in.get(replacements);
  }

  static PrecompiledCharsMap of(byte[] blob) {
    return new PrecompiledCharsMap(blob);
  }

  /** From metadata, where bytes come as integers. */
  static PrecompiledCharsMap ofInts(int[] values) {
    byte[] blob = new byte[values.length];
    for (int i = 0; i < blob.length; i++) {
      blob[i] = (byte) values[i];
    }
    return new PrecompiledCharsMap(blob);
  }

  @Override
  public String normalize(String text) {
    byte[] in = text.getBytes(StandardCharsets.UTF_8);
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream(in.length);
    for (int i = 0; i < in.length; ) {
      int[] found = longest(in, i);
      if (found[0] > 0) {
        for (int r = found[1]; r < replacements.length && replacements[r] != 0; r++) {
          out.write(replacements[r]);
        }
        i += found[0];
      } else {
        int length = Math.min(characterLength(in[i]), in.length - i);
        out.write(in, i, length);
        i += length;
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Length of the longest known prefix at {@code start}, and where its replacement begins. */
  private int[] longest(byte[] in, int start) {
    int[] found = {0, 0};
    if (units.length == 0) {
      return found;
    }
    int node = offset(units[0]);
    for (int i = start; i < in.length; i++) {
      node ^= in[i] & 0xff;
      if (node < 0 || node >= units.length || (units[node] & 0x800000ff) != (in[i] & 0xff)) {
        break;
      }
      boolean hasLeaf = (units[node] >>> 8 & 1) == 1;
      node ^= offset(units[node]);
      if (hasLeaf && node >= 0 && node < units.length) {
        found[0] = i + 1 - start;
        found[1] = units[node] & 0x7fffffff;
      }
    }
    return found;
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >>> 6);
  }

  private static int characterLength(byte first) {
    int b = first & 0xff;
    return b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
  }
}
