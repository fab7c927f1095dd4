package org.slmruntime.cpu.parallel;

/** Work in independent chunks. Made once and run many times, so that running allocates nothing. */
public interface Region {
  /** How many chunks there are now. */
  int chunks();

  /**
   * Does one chunk.
   *
   * @param worker index of the calling thread, for its scratch memory
   */
  void run(int chunk, int worker);
}
