package org.slmruntime.backend.spi;

/** Told how far a long piece of work has come. May be called from several threads. */
@FunctionalInterface
public interface ProgressListener {
  ProgressListener NONE = (_, _, _) -> {};

  /**
   * @param task in words, e.g. {@code loading weights}
   * @param done so far, in the unit of {@code total}
   */
  void onProgress(String task, long done, long total);
}
