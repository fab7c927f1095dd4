package org.slmruntime.ptx;

/** bfi: the only one with four sources. */
final class BitFieldInsert extends Instruction {
  private final Type type;
  private final int target;
  private final int field;
  private final int base;
  private final int position;
  private final int length;

  BitFieldInsert(Type type, int target, int field, int base, int position, int length) {
    this.type = type;
    this.target = target;
    this.field = field;
    this.base = base;
    this.position = position;
    this.length = length;
  }

  @Override
  void run(Warp warp, int mask) {
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      int at = (int) warp.get(position, lane) & 255;
      int bits = (int) warp.get(length, lane) & 255;
      long ones = bits >= 64 ? -1 : (1L << bits) - 1;
      long window = at >= 64 ? 0 : ones << at;
      long value = at >= 64 ? 0 : warp.get(field, lane) << at;
      long result = warp.get(base, lane) & ~window | value & window;
      warp.set(target, lane, type.unsigned(result));
    }
  }
}
