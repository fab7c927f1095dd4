package org.slmruntime.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds sums of products that a compiler of PTX may round once instead of twice: where neither the
 * product nor the sum names a rounding, the manual leaves it free. Looks at straight code alone: a
 * product is known from its instruction to the next label, or until one of its registers changes.
 */
final class Fusions {
  private record Product(int a, int b) {}

  private final Map<Integer, Product> products = new HashMap<>();

  /** Code can be entered here. */
  void label() {
    products.clear();
  }

  /**
   * Takes the next instruction in order.
   *
   * @param i assembled, with its sources and targets
   * @return the instruction, or one that also knows its fused forms
   */
  Instruction next(Statement.Code code, Instruction i) {
    Instruction found =
        switch (code.opcode()) {
          case "add.f32", "sub.f32" -> sum(i, code.opcode(), false);
          case "add.f64", "sub.f64" -> sum(i, code.opcode(), true);
          default -> i;
        };
    for (int target : i.targets) {
      products.remove(target);
      products.values().removeIf(p -> p.a == target || p.b == target);
    }
    boolean product = code.opcode().equals("mul.f32") || code.opcode().equals("mul.f64");
    if (product && code.guard() == null && isDistinct(i)) {
      products.put(i.targets[0], new Product(i.sources[0], i.sources[1]));
    }
    return found;
  }

  private static boolean isDistinct(Instruction i) {
    return i.targets[0] != i.sources[0] && i.targets[0] != i.sources[1];
  }

  private Instruction sum(Instruction plain, String opcode, boolean wide) {
    List<Instruction> forms = new ArrayList<>(List.of(plain));
    boolean difference = opcode.startsWith("sub");
    int d = plain.targets[0];
    int left = plain.sources[0];
    int right = plain.sources[1];
    Product first = products.get(left);
    if (first != null) {
      forms.add(fused(wide, 1, difference ? -1 : 1, d, first, right));
    }
    Product second = products.get(right);
    if (second != null) {
      forms.add(fused(wide, difference ? -1 : 1, 1, d, second, left));
    }
    return forms.size() == 1 ? plain : new Fusible(plain, forms);
  }

  /** {@code sign * a * b + termSign * term}. */
  private static Instruction fused(
      boolean wide, int sign, int termSign, int d, Product product, int term) {
    if (!wide) {
      return new Narrow(FloatLoops.fused(sign, termSign), d, product.a, product.b, term);
    }
    Lanewise.Function function =
        (x, y, z) ->
            Double.doubleToRawLongBits(
                Math.fma(
                    sign * Double.longBitsToDouble(x),
                    Double.longBitsToDouble(y),
                    termSign * Double.longBitsToDouble(z)));
    return new Lanewise(function, 64, d, product.a, product.b, term);
  }

  /** Rounds as one compiler would: each instruction in the same way as long as the seed is. */
  private static final class Fusible extends Instruction {
    private final List<Instruction> forms;

    /**
     * @param forms the instruction as written, and what it may become
     */
    Fusible(Instruction plain, List<Instruction> forms) {
      this.forms = List.copyOf(forms);
      this.sources = plain.sources;
      this.targets = plain.targets;
    }

    @Override
    void run(Warp warp, int mask) {
      PtxOptions options = warp.block.launch.options;
      int form =
          options.jitterUlps() == 0
              ? 0
              : new Randomness(options.seed() ^ line * 0x9e3779b97f4a7c15L).below(forms.size());
      forms.get(form).run(warp, mask);
    }
  }
}
