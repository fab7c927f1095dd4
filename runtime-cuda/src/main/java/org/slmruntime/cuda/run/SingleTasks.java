package org.slmruntime.cuda.run;

import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.cuda.plan.Stack;
import org.slmruntime.cuda.plan.Step;
import org.slmruntime.cuda.weights.DeviceMatrix;
import org.slmruntime.cuda.weights.DeviceWeights;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Rows;
import org.slmruntime.graph.Value;

/** Operations that run on their own. */
record SingleTasks(Sites sites, Addresses addresses, DeviceWeights weights) {
  private static final int THREADS = 128;

  /** Of element-wise kernels. */
  private static final int WIDE = 256;

  Task task(Step.Single step) {
    Value y = step.output();
    return switch (step.op()) {
      case Op.Embed op -> embed(op, y);
      case Op.RmsNorm op -> norm(op, y);
      case Op.Rope op -> rope(op, y);
      case Op.Attention op -> new AttentionTask(op, y, sites, addresses, weights);
      case Op.GatedActivation op -> gated(op, y);
      case Op.Add op -> binary("add", op.left(), op.right(), y);
      case Op.Mul op -> binary("mul", op.left(), op.right(), y);
      case Op.Scale op -> unary("scale", op.input(), op.factor(), y);
      case Op.Softcap op -> unary("softcap", op.input(), op.cap(), y);
      case Op.GatherRows op -> gather(op, y);
      case Op.Linear _, Op.KvAppend _ ->
          throw new IllegalStateException("a step of its own kind: " + step);
    };
  }

  /** Fills the angles of a table for a step's tokens. */
  Task angles(RotaryTable table) {
    Site site = sites.of("rope_angles", THREADS);
    site.arguments()
        .set("positions", addresses.state() + addresses.stateLayout().positions())
        .set("frequencies", weights.frequencies(table))
        .set("magnitude", (float) table.magnitude())
        .set("angles", addresses.angles(table))
        .set("pairs", table.frequencies().length);
    return (shape, stream) -> site.launch(stream, shape.tokens, 1, 1);
  }

  private Task embed(Op.Embed op, Value y) {
    DeviceMatrix table = weights.matrix(Stack.of(op.table()));
    Site site = sites.of("embed_" + table.suffix(), THREADS);
    table.set(site.arguments(), "table");
    result(site, y)
        .set("tokens", addresses.state() + addresses.stateLayout().tokens())
        .set("columns", table.columns());
    return (shape, stream) -> site.launch(stream, shape.tokens, 1, 1);
  }

  private Task norm(Op.RmsNorm op, Value y) {
    int size = y.width() / op.groups();
    Site site = sites.of("rms_norm", THREADS);
    argument(site, "x", op.input());
    result(site, y)
        .set("weight", weights.vector(op.weight()))
        .set("shared", op.weight().elements() == size ? 1 : 0)
        .set("epsilon", op.epsilon())
        .set("size", size);
    Rows rows = y.rows();
    return (shape, stream) -> {
      if (shape.rows(rows) > 0) {
        site.launch(stream, shape.rows(rows), op.groups(), 1);
      }
    };
  }

  private Task rope(Op.Rope op, Value y) {
    Site site = sites.of("rope", THREADS);
    argument(site, "x", op.input());
    AppendTask.rotation(result(site, y), op.table(), addresses);
    site.arguments().set("heads", op.heads()).set("head_size", y.width() / op.heads());
    return (shape, stream) -> site.launch(stream, shape.tokens, 1, 1);
  }

  private Task gated(Op.GatedActivation op, Value y) {
    Site site = sites.of("gated", WIDE);
    argument(site, "gate", op.gate());
    argument(site, "up", op.up());
    site.arguments().set("step", 1).set("activation", op.activation().ordinal());
    return elementWise(site, y);
  }

  private Task binary(String kernel, Value left, Value right, Value y) {
    Site site = sites.of(kernel, WIDE);
    argument(site, "left", left);
    argument(site, "right", right);
    return elementWise(site, y);
  }

  private Task unary(String kernel, Value x, float factor, Value y) {
    Site site = sites.of(kernel, WIDE);
    argument(site, "x", x);
    site.arguments().set("factor", factor);
    return elementWise(site, y);
  }

  private Task gather(Op.GatherRows op, Value y) {
    Site site = sites.of("gather_rows", WIDE);
    argument(site, "x", op.input());
    site.arguments().set("rows", addresses.state() + addresses.stateLayout().rows());
    return elementWise(site, y);
  }

  private Task elementWise(Site site, Value y) {
    result(site, y).set("width", y.width());
    int gridX = Math.ceilDiv(y.width(), WIDE);
    Rows rows = y.rows();
    return (shape, stream) -> {
      if (shape.rows(rows) > 0) {
        site.launch(stream, gridX, shape.rows(rows), 1);
      }
    };
  }

  private void argument(Site site, String name, Value value) {
    site.arguments().set(name, addresses.of(value)).set(name + "_stride", addresses.stride(value));
  }

  private KernelArguments result(Site site, Value y) {
    argument(site, "y", y);
    return site.arguments();
  }
}
