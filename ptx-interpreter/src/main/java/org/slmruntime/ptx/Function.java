package org.slmruntime.ptx;

import java.util.List;

/**
 * A kernel or device function, as written.
 *
 * @param maxThreads of a block, 0 if any
 * @param body null for a declaration
 */
record Function(
    String name,
    boolean isEntry,
    List<PtxParameter> parameters,
    List<PtxParameter> results,
    int maxThreads,
    List<Variable> variables,
    List<Statement> body) {

  static int bytes(List<PtxParameter> parameters) {
    int end = 0;
    for (PtxParameter p : parameters) {
      end = Math.max(end, p.offset() + p.bytes());
    }
    return end;
  }
}
