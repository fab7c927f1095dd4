package org.slmruntime.cuda.run;

/** A product of more tokens than a GEMV takes. */
interface ManyTokens {
  void run(int tokens, long stream);
}
