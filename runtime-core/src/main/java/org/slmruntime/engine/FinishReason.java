package org.slmruntime.engine;

/** Why a generation ended. */
public enum FinishReason {
  /** The model ended it, or a stop string or token was met. */
  STOP,
  /** It reached the asked-for number of tokens, or the context's end. */
  LENGTH,
  /** It was closed before its end. */
  CANCELLED
}
