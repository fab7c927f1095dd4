package org.slmruntime.cuda.run;

import org.slmruntime.cuda.plan.View;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Value;

/**
 * Device addresses of a plan.
 *
 * @param cacheBase of the allocation of keys and values
 * @param base of the workspace
 */
record Addresses(Blueprint plan, long cacheBase, long base) {
  long of(Value value) {
    View view = plan.program().view(value);
    WorkspaceLayout layout = plan.workspace();
    return base
        + layout.activations()
        + layout.arena().offsets()[view.buffer()]
        + (long) view.column() * Float.BYTES;
  }

  int stride(Value value) {
    return plan.program().buffer(value).stride();
  }

  long keys(KvLayer layer) {
    return cacheBase + plan.cache().keys()[layer.index()];
  }

  long values(KvLayer layer) {
    return cacheBase + plan.cache().values()[layer.index()];
  }

  long state() {
    return base;
  }

  StateLayout stateLayout() {
    return plan.workspace().state();
  }

  long angles(RotaryTable table) {
    return base + plan.workspace().angles().get(table);
  }

  long ids() {
    return base + plan.workspace().ids();
  }

  long prepared() {
    return base + plan.workspace().prepared();
  }

  long scratch() {
    return base + plan.workspace().scratch();
  }
}
