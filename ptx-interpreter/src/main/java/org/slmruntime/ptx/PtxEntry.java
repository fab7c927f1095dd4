package org.slmruntime.ptx;

import java.util.List;

/** An entry point of a module. Immutable. */
public final class PtxEntry {
  PtxEntry() {}

  public String name() {
    throw new UnsupportedOperationException();
  }

  public List<PtxParameter> parameters() {
    throw new UnsupportedOperationException();
  }

  /** Bytes of the parameter space. */
  public int parameterBytes() {
    throw new UnsupportedOperationException();
  }

  public int staticSharedBytes() {
    throw new UnsupportedOperationException();
  }
}
