package org.slmruntime.cli;

/** Whether this JVM has the Vector API: the tests run with and without it. */
final class Vectors {
  static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

  private Vectors() {}
}
