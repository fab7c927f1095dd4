package org.slmruntime.tokenizer;

import java.util.Arrays;

/** A compact hash map from non-negative longs to non-negative ints: open addressing, no boxing. */
final class LongIntMap {
  private long[] keys;
  private int[] values;
  private int size;

  LongIntMap(int expected) {
    int capacity = Integer.highestOneBit(Math.max(8, Math.min(expected, 1 << 28)) * 2 - 1) << 1;
    keys = new long[capacity];
    values = new int[capacity];
    Arrays.fill(keys, -1);
  }

  /** The value of {@code key}, or -1. */
  int get(long key) {
    int slot = slot(key);
    return keys[slot] == key ? values[slot] : -1;
  }

  /** Gives a key a value, which replaces the one it had. */
  void put(long key, int value) {
    if (putIfAbsent(key, value) != value) {
      values[slot(key)] = value;
    }
  }

  /** Adds a key unless it is there; returns the value that holds then. */
  int putIfAbsent(long key, int value) {
    int slot = slot(key);
    if (keys[slot] == key) {
      return values[slot];
    }
    keys[slot] = key;
    values[slot] = value;
    if (++size > keys.length / 2) {
      grow();
    }
    return value;
  }

  private int slot(long key) {
    long hash = key * 0x9E3779B97F4A7C15L;
    int slot = (int) (hash ^ hash >>> 32) & keys.length - 1;
    while (keys[slot] != -1 && keys[slot] != key) {
      slot = slot + 1 & keys.length - 1;
    }
    return slot;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[2 * oldKeys.length];
    values = new int[keys.length];
    Arrays.fill(keys, -1);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != -1) {
        int slot = slot(oldKeys[i]);
        keys[slot] = oldKeys[i];
        values[slot] = oldValues[i];
      }
    }
  }
}
