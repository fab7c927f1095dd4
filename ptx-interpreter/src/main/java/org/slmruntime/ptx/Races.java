package org.slmruntime.ptx;

/** Remembers who read and wrote which bytes, and fails on accesses that nothing orders. */
interface Races {
  /**
   * @param strong whether the access is atomic, volatile or ordered: such do not race with each
   *     other
   */
  void read(Warp warp, int lane, int at, int count, boolean strong);

  /**
   * @param same whether the bytes keep the values they have: no order of two such writes differs
   */
  void write(Warp warp, int lane, int at, int count, boolean strong, boolean same);
}
