package org.slmruntime.cli;

import org.slmruntime.engine.Generation;

/** While open, Ctrl-C cancels a generation and ends the process with code 130. */
final class Interrupt implements AutoCloseable {
  static final int EXIT_CODE = 130;
  private final Thread hook;

  Interrupt(Generation generation) {
    hook =
        new Thread(
            () -> {
              generation.close();
              Runtime.getRuntime().halt(EXIT_CODE);
            },
            "slm-interrupt");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process is ending: the hook runs.
    }
  }
}
