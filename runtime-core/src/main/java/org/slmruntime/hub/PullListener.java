package org.slmruntime.hub;

/** Told what happens while a model is pulled or looked for, by the thread that asked for it. */
public interface PullListener {
  /** Hears nothing. */
  PullListener NONE = new PullListener() {};

  /**
   * How far a piece of work has come.
   *
   * @param task in words, e.g. {@code downloading model.gguf}
   * @param done bytes so far
   * @param total bytes in all
   */
  default void onProgress(String task, long done, long total) {}

  /** Something that is good to know, in one line: what was chosen, why there is a wait. */
  default void onNotice(String text) {}
}
