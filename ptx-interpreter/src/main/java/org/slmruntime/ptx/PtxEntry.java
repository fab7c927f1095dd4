package org.slmruntime.ptx;

import java.util.List;

/** An entry point of a module. Immutable. */
public final class PtxEntry {
  private final Code code;
  private final List<PtxParameter> parameters;

  PtxEntry(Code code, List<PtxParameter> parameters) {
    this.code = code;
    this.parameters = List.copyOf(parameters);
  }

  public String name() {
    return code.name();
  }

  public List<PtxParameter> parameters() {
    return parameters;
  }

  /** Bytes of the parameter space. */
  public int parameterBytes() {
    return Function.bytes(parameters);
  }

  public int staticSharedBytes() {
    return code.sharedBytes();
  }

  Code code() {
    return code;
  }
}
