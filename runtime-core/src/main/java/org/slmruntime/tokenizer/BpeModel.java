package org.slmruntime.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Byte-pair encoding (Sennrich et al., 2016): a piece's code points are joined pair by pair, the
 * merge of lowest rank first, leftmost on ties.
 */
final class BpeModel implements TokenModel {
  /**
   * @param unknown id for what has no token, or -1 to drop it
   * @param fuseUnknown whether neighbouring unknowns become one
   * @param byteFallback whether a code point without token becomes its {@code <0xXX>} bytes
   * @param ignoreMerges whether a piece that is a token is never taken apart
   * @param wordPrefix put before every code point but a piece's first
   * @param wordSuffix put after a piece's last code point
   */
  record Options(
      int unknown,
      boolean fuseUnknown,
      boolean byteFallback,
      boolean ignoreMerges,
      String wordPrefix,
      String wordSuffix) {
    static Options byteLevel(boolean ignoreMerges) {
      return new Options(-1, false, false, ignoreMerges, "", "");
    }
  }

  private static final int CACHE_SIZE = 1 << 14;
  private static final int MAX_CACHED_LENGTH = 32;

  private record Cached(String piece, int[] ids) {}

  private final Vocabulary vocabulary;
  private final LongIntMap ranks;
  private final int[] merged;
  private final Options options;
  private final AtomicReferenceArray<Cached> cache = new AtomicReferenceArray<>(CACHE_SIZE);

  /**
   * @param ranks of pairs of ids, see {@link #pair}
   * @param merged the id that the merge of each rank makes
   */
  BpeModel(Vocabulary vocabulary, LongIntMap ranks, int[] merged, Options options) {
    this.vocabulary = vocabulary;
    this.ranks = ranks;
    this.merged = merged;
    this.options = options;
  }

  static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  @Override
  public void encode(String piece, IntList ids) {
    if (piece.length() > MAX_CACHED_LENGTH) {
      encodeUncached(piece, ids);
      return;
    }
    int hash = piece.hashCode();
    int slot = (hash ^ hash >>> 15) & CACHE_SIZE - 1;
    Cached cached = cache.get(slot);
    if (cached == null || !cached.piece.equals(piece)) {
      IntList fresh = new IntList();
      encodeUncached(piece, fresh);
      cached = new Cached(piece, fresh.toArray());
      cache.set(slot, cached);
    }
    ids.addAll(cached.ids);
  }

  private void encodeUncached(String piece, IntList out) {
    if (options.ignoreMerges) {
      int whole = vocabulary.id(piece);
      if (whole >= 0) {
        out.add(whole);
        return;
      }
    }
    int[] symbols = symbols(piece);
    merge(symbols);
    for (int symbol : symbols) {
      if (symbol >= 0) {
        out.add(symbol);
      }
    }
  }

  /** The ids a piece starts from. */
  private int[] symbols(String piece) {
    IntList symbols = new IntList();
    boolean unknown = false;
    for (int i = 0; i < piece.length(); ) {
      int next = i + Character.charCount(piece.codePointAt(i));
      String text = decorate(piece.substring(i, next), i == 0, next == piece.length());
      int id = vocabulary.id(text);
      // As in the library that wrote the file, an unknown waits for what comes next, and bytes
      // that stand in for a code point overtake it.
      if (id >= 0) {
        addUnknown(unknown, symbols);
        unknown = false;
        symbols.add(id);
      } else if (!options.byteFallback || !addBytes(text, symbols)) {
        addUnknown(unknown && !options.fuseUnknown, symbols);
        unknown = true;
      }
      i = next;
    }
    addUnknown(unknown, symbols);
    return symbols.toArray();
  }

  private String decorate(String text, boolean first, boolean last) {
    String prefixed = first ? text : options.wordPrefix + text;
    return last ? prefixed + options.wordSuffix : prefixed;
  }

  private boolean addBytes(String text, IntList symbols) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (byte b : bytes) {
      if (vocabulary.byteTokens()[b & 0xff] < 0) {
        return false;
      }
    }
    for (byte b : bytes) {
      symbols.add(vocabulary.byteTokens()[b & 0xff]);
    }
    return true;
  }

  private void addUnknown(boolean waits, IntList symbols) {
    if (waits && options.unknown >= 0) {
      symbols.add(options.unknown);
    }
  }

  /** Joins in place: a symbol that was joined to its left neighbour becomes -1. */
  private void merge(int[] symbols) {
    int n = symbols.length;
    int[] next = new int[n];
    int[] previous = new int[n];
    MergeHeap heap = new MergeHeap(n);
    for (int i = 0; i < n; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
      if (i > 0) {
        pushPair(heap, symbols, i - 1, i);
      }
    }
    while (!heap.isEmpty()) {
      long item = heap.pop();
      int left = MergeHeap.position(item);
      int right = next[left];
      int made = merged[MergeHeap.priority(item)];
      if (symbols[left] < 0 || right >= n || mergeOf(symbols[left], symbols[right]) != made) {
        continue;
      }
      symbols[left] = made;
      symbols[right] = -1;
      next[left] = next[right];
      if (next[left] < n) {
        previous[next[left]] = left;
        pushPair(heap, symbols, left, next[left]);
      }
      if (previous[left] >= 0) {
        pushPair(heap, symbols, previous[left], left);
      }
    }
  }

  /** The id that two symbols make, or -1. */
  private int mergeOf(int left, int right) {
    int rank = ranks.get(pair(left, right));
    return rank < 0 ? -1 : merged[rank];
  }

  private void pushPair(MergeHeap heap, int[] symbols, int left, int right) {
    int rank = ranks.get(pair(symbols[left], symbols[right]));
    if (rank >= 0) {
      heap.push(rank, left);
    }
  }
}
