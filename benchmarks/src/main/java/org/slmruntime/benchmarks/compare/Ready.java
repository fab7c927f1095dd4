package org.slmruntime.benchmarks.compare;

/** A contestant that has loaded a model and is warm; it takes no processor time until measured. */
@FunctionalInterface
interface Ready extends AutoCloseable {
  /** Measures once, in tokens per second. */
  double measure();

  @Override
  default void close() {}
}
