package org.slmruntime.backend.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.slmruntime.graph.Activation;
import org.slmruntime.graph.GraphBuilder;
import org.slmruntime.graph.KvLayer;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.RotaryTable.Pairing;
import org.slmruntime.graph.Value;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

/** Every operation against a few numbers worked out by hand. */
class ReferenceOpsTest {
  private static final float EPSILON = 1e-6f;

  private static float[] row(double... values) {
    float[] row = new float[values.length];
    for (int i = 0; i < row.length; i++) {
      row[i] = (float) values[i];
    }
    return row;
  }

  private static void equal(float[] actual, double... wanted) {
    assertArrayEquals(row(wanted), actual, EPSILON);
  }

  @Test
  void multipliesByAMatrixAndAddsTheBias() {
    OneOp op = new OneOp(row(1, 2), row(-1, 0.5));
    Weight w = op.matrix("w", row(3, 4), row(5, 6), row(0, -1));
    equal(op.run((g, x) -> g.linear("l", x, w, Optional.empty())), 11, 17, -2, -1, -2, -0.5);
    Weight b = op.vector("b", 10, 20, 30);
    equal(op.run((g, x) -> g.linear("l", x, w, Optional.of(b))), 21, 37, 28, 9, 18, 29.5);
  }

  @Test
  void normsByTheRootMeanSquareOfEachGroup() {
    OneOp op = new OneOp(row(3, 4, 0, 2));
    Weight whole = op.vector("w", 1, 2, 3, 4);
    double rms = Math.sqrt(29 / 4.0 + 1);
    equal(op.run((g, x) -> g.rmsNorm("n", x, whole, 1, 1)), 3 / rms, 8 / rms, 0, 8 / rms);
    Weight shared = op.vector("s", 1, 10);
    double first = Math.sqrt(12.5);
    double second = Math.sqrt(2);
    equal(op.run((g, x) -> g.rmsNorm("n", x, shared, 2, 0)), 3 / first, 40 / first, 0, 20 / second);
  }

  @Test
  void rotatesPairsByPositionTimesFrequency() {
    double c = Math.cos(0.5);
    double s = Math.sin(0.5);
    OneOp op = new OneOp(row(1, 2, 3, 4, 9), row(1, 2, 3, 4, 9));
    RotaryTable adjacent = new RotaryTable(Pairing.ADJACENT, new double[] {0.5, 0}, 1);
    equal(
        op.run((g, x) -> g.rope("r", x, 1, adjacent)),
        1,
        2,
        3,
        4,
        9,
        c - 2 * s,
        s + 2 * c,
        3,
        4,
        9);
    RotaryTable halves = new RotaryTable(Pairing.HALVES, new double[] {0.5, 0}, 1);
    equal(
        op.run((g, x) -> g.rope("r", x, 1, halves)), 1, 2, 3, 4, 9, c - 3 * s, 2, s + 3 * c, 4, 9);
    RotaryTable doubled = new RotaryTable(Pairing.HALVES, new double[] {0.5}, 2);
    equal(
        op.run((g, x) -> g.rope("r", x, 1, doubled)),
        2,
        4,
        3,
        4,
        9,
        2 * (c - 2 * s),
        2 * (s + 2 * c),
        3,
        4,
        9);
  }

  @Test
  void rotatesEveryHeadAlike() {
    OneOp op = new OneOp(row(0, 0, 0, 0), row(1, 0, 0, 1));
    RotaryTable quarter = new RotaryTable(Pairing.ADJACENT, new double[] {Math.PI / 2}, 1);
    equal(op.run((g, x) -> g.rope("r", x, 2, quarter)), 0, 0, 0, 0, 0, 1, -1, 0);
  }

  @Test
  void appliesTheActivationsToTheGate() {
    OneOp op = new OneOp(row(1, -2, 0));
    double silu = 1 / (1 + Math.exp(-1));
    double gelu = 0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * 1.044715));
    double negative = -(1 + Math.tanh(-Math.sqrt(2 / Math.PI) * (2 + 0.044715 * 8)));
    equal(gated(op, Activation.SILU), silu, 4 / (1 + Math.exp(2)), 0);
    equal(gated(op, Activation.GELU_TANH), gelu, -2 * negative, 0);
    equal(gated(op, Activation.RELU_SQUARED), 1, 0, 0);
  }

  private static float[] gated(OneOp op, Activation activation) {
    return op.run((g, x) -> g.gatedActivation("a", x, x, activation));
  }

  @Test
  void addsMultipliesScalesAndCaps() {
    OneOp op = new OneOp(row(1, -2, 30));
    equal(op.run((g, x) -> g.add("a", x, x)), 2, -4, 60);
    equal(op.run((g, x) -> g.mul("m", x, x)), 1, 4, 900);
    equal(op.run((g, x) -> g.scale("s", x, -0.5f)), -0.5, 1, -15);
    equal(
        op.run((g, x) -> g.softcap("c", x, 2)),
        2 * Math.tanh(0.5),
        2 * Math.tanh(-1),
        2 * Math.tanh(15));
  }

  /** Attention of size-1 heads whose queries, keys and values are all the input. */
  private static float[] attend(
      OneOp op,
      int heads,
      int kvHeads,
      float scale,
      float cap,
      int window,
      Optional<Weight> sinks) {
    return op.run(
        (g, x) -> {
          KvLayer kv = g.kvLayer(kvHeads, 1, 1);
          Value keys = kvHeads == heads ? x : firstHead(op, g, x);
          g.kvAppend("kv", keys, keys, kv);
          return g.attention("a", new Op.Attention(x, kv, heads, scale, cap, window, sinks));
        });
  }

  private static Value firstHead(OneOp op, GraphBuilder g, Value x) {
    return g.linear("first", x, op.matrix("first", row(1, 0)), Optional.empty());
  }

  @Test
  void attendsToWhatCameBefore() {
    OneOp op = new OneOp(row(1), row(2), row(-1));
    double a = Math.exp(2 * 0.5);
    double b = Math.exp(4 * 0.5);
    double c = Math.exp(-0.5);
    double d = Math.exp(-1);
    double e = Math.exp(0.5);
    equal(
        attend(op, 1, 1, 0.5f, 0, 0, Optional.empty()),
        1,
        (a + 2 * b) / (a + b),
        (c + 2 * d - e) / (c + d + e));
  }

  @Test
  void seesOnlyTheWindow() {
    OneOp op = new OneOp(row(1), row(2), row(-1));
    double d = Math.exp(-2);
    double e = Math.exp(1);
    float[] out = attend(op, 1, 1, 1, 0, 2, Optional.empty());
    assertEquals((2 * d - e) / (d + e), out[2], EPSILON);
    equal(attend(op, 1, 1, 1, 0, 1, Optional.empty()), 1, 2, -1);
  }

  @Test
  void capsScores() {
    OneOp op = new OneOp(row(1), row(2));
    double a = Math.exp(3 * Math.tanh(2 / 3.0));
    double b = Math.exp(3 * Math.tanh(4 / 3.0));
    assertEquals((a + 2 * b) / (a + b), attend(op, 1, 1, 1, 3, 0, Optional.empty())[1], EPSILON);
  }

  @Test
  void letsSinksTakePartOfTheMass() {
    OneOp op = new OneOp(row(1), row(2));
    Weight sink = op.vector("sink", 1.5f);
    double s = Math.exp(1.5);
    equal(
        attend(op, 1, 1, 1, 0, 0, Optional.of(sink)),
        Math.exp(1) / (Math.exp(1) + s),
        (Math.exp(2) + 2 * Math.exp(4)) / (Math.exp(2) + Math.exp(4) + s));
  }

  @Test
  void sharesKeyValueHeadsAmongQueryHeads() {
    OneOp op = new OneOp(row(1, 5), row(2, -3));
    double a = Math.exp(2);
    double b = Math.exp(4);
    double c = Math.exp(-3);
    double d = Math.exp(-6);
    equal(
        attend(op, 2, 1, 1, 0, 0, Optional.empty()),
        1,
        1,
        (a + 2 * b) / (a + b),
        (c + 2 * d) / (c + d));
  }

  @Test
  void keepsTheCacheInItsElementType() {
    float third = 1 / 3f;
    OneOp op = new OneOp(row(third), row(third));
    op.kvType = DType.F16;
    float half = Float.float16ToFloat(Float.floatToFloat16(third));
    assertArrayEquals(new float[] {half, half}, attend(op, 1, 1, 1, 0, 0, Optional.empty()), 0);
    op.kvType = DType.Q8_0;
    // The largest of a block becomes 127 steps of a half-precision size.
    float step = Float.float16ToFloat(Float.floatToFloat16(third / 127));
    float q8 = step * 127;
    assertArrayEquals(new float[] {q8, q8}, attend(op, 1, 1, 1, 0, 0, Optional.empty()), 1e-7f);
  }
}
