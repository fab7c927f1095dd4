package org.slmruntime.ptx;

/** Remembers who read and wrote which bytes, and fails on accesses that nothing orders. */
interface Races {
  /**
   * @param strong whether the access is atomic, volatile or ordered: such do not race with each
   *     other
   */
  void read(Warp warp, int lane, int at, int count, boolean strong);

  void write(Warp warp, int lane, int at, int count, boolean strong);
}
