package org.slmruntime.kernels;

import java.lang.foreign.MemorySegment;

/** Planes that hold a field of each stored block as it is. */
final class FieldPlanes {
  private FieldPlanes() {}

  /** Blocks that consist of nothing else: plain numbers. */
  static Plane whole(int bytes) {
    return new Plane(
        bytes,
        (stored, from, blocks, out, to) ->
            MemorySegment.copy(stored, from, out, to, (long) bytes * blocks));
  }

  /** Two bytes from {@code at} on of each block of {@code blockBytes}. */
  static Plane two(int blockBytes, int at) {
    return new Plane(
        2,
        (stored, from, blocks, out, to) -> {
          for (int b = 0; b < blocks; b++) {
            Words.put(out, to + 2L * b, Words.i16(stored, from + (long) blockBytes * b + at));
          }
        });
  }

  static Plane four(int blockBytes, int at) {
    return new Plane(
        4,
        (stored, from, blocks, out, to) -> {
          for (int b = 0; b < blocks; b++) {
            Words.put(out, to + 4L * b, Words.i32(stored, from + (long) blockBytes * b + at));
          }
        });
  }

  /** A multiple of eight bytes. */
  static Plane eights(int blockBytes, int at, int bytes) {
    return new Plane(
        bytes,
        (stored, from, blocks, out, to) -> {
          for (int b = 0; b < blocks; b++) {
            long source = from + (long) blockBytes * b + at;
            for (int i = 0; i < bytes; i += 8) {
              Words.put(out, to + (long) bytes * b + i, Words.i64(stored, source + i));
            }
          }
        });
  }
}
