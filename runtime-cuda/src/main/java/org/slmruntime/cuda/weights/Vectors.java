package org.slmruntime.cuda.weights;

import java.util.LinkedHashSet;
import java.util.Set;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cuda.plan.Program;
import org.slmruntime.cuda.plan.StackedVector;
import org.slmruntime.cuda.plan.Step;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Weight;
import org.slmruntime.quant.QuantFormats;

/** What kernels read as plain numbers: norms, biases, sinks and rotary frequencies. */
final class Vectors {
  private Vectors() {}

  static Set<StackedVector> of(Program program) {
    Set<StackedVector> all = new LinkedHashSet<>();
    for (Step step : program.steps()) {
      switch (step) {
        case Step.Product p -> {
          p.norm().ifPresent(n -> all.add(StackedVector.of(n.weight())));
          p.bias().ifPresent(all::add);
        }
        case Step.Append a -> {
          a.keyNorm().ifPresent(w -> all.add(StackedVector.of(w)));
          a.query().flatMap(Step.Query::norm).ifPresent(w -> all.add(StackedVector.of(w)));
        }
        case Step.Single s -> addOf(s.op(), all);
      }
    }
    return all;
  }

  private static void addOf(Op op, Set<StackedVector> all) {
    switch (op) {
      case Op.RmsNorm norm -> all.add(StackedVector.of(norm.weight()));
      case Op.Attention attention -> attention.sinks().map(StackedVector::of).ifPresent(all::add);
      default -> {}
    }
  }

  static Set<RotaryTable> tables(Program program) {
    Set<RotaryTable> all = new LinkedHashSet<>();
    for (Step step : program.steps()) {
      switch (step) {
        case Step.Append a -> a.rope().ifPresent(all::add);
        case Step.Single(Op.Rope rope, var _) -> all.add(rope.table());
        default -> {}
      }
    }
    return all;
  }

  /** The numbers of a vector in the order that it has on the device. */
  static float[] decode(StackedVector vector, Weights weights) {
    float[] all = new float[vector.length()];
    int parts = vector.parts().size();
    int offset = 0;
    for (int p = 0; p < parts; p++) {
      StackedVector.Part part = vector.parts().get(p);
      float[] values = part.weight().map(w -> decode(w, weights)).orElse(new float[part.length()]);
      for (int i = 0; i < values.length; i++) {
        all[vector.interleaved() ? i * parts + p : offset + i] = values[i];
      }
      offset += values.length;
    }
    return all;
  }

  private static float[] decode(Weight weight, Weights weights) {
    Weights.Stored stored = weights.get(weight);
    float[] values = new float[Math.toIntExact(weight.elements())];
    QuantFormats.of(stored.type()).orElseThrow().decode(stored.data(), 0, values, 0, values.length);
    return values;
  }
}
