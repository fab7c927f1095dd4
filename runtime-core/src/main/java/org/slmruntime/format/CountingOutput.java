package org.slmruntime.format;

import java.io.IOException;
import java.io.OutputStream;

/** Counts what is written; leaves the stream open. */
final class CountingOutput extends OutputStream {
  private final OutputStream out;
  private long written;

  CountingOutput(OutputStream out) {
    this.out = out;
  }

  long written() {
    return written;
  }

  @Override
  public void write(int b) throws IOException {
    out.write(b);
    written++;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    out.write(bytes, offset, length);
    written += length;
  }
}
