package org.slmruntime.cuda.run;

import java.util.Optional;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.cuda.plan.Step;
import org.slmruntime.cuda.weights.DeviceWeights;
import org.slmruntime.graph.Value;

/** An input in the form that a product of many tokens wants. */
final class PreparedInput {
  /** Which input the prepared memory holds, so that products that share one prepare it once. */
  static final class Holder {
    private Key key;

    /** A new step begins. */
    void clear() {
      key = null;
    }
  }

  /** Groups of columns that a block takes at least; each block reads the row for its norm. */
  private static final int LEAST_GROUPS = 32;

  private record Key(Value input, Optional<Step.InputNorm> norm, PreparedForm form) {}

  private final Holder holder;
  private final Key key;
  private final Site site;
  private final PreparedForm.Layout layout;
  private final long address;
  private final int mostBlocks;
  private final int busyBlocks;

  PreparedInput(
      Step.Product product,
      PreparedForm form,
      Holder holder,
      Sites sites,
      Addresses addresses,
      DeviceWeights weights) {
    this.holder = holder;
    this.key = new Key(product.input(), product.norm(), form);
    this.address = addresses.prepared();
    int columns = product.matrix().columns();
    int tokens = addresses.plan().capacity().rows(product.input().rows());
    this.layout = form.layout(tokens, columns);
    this.site = sites.of(form.kernel(), 256);
    boolean shared = form == PreparedForm.INT16;
    this.mostBlocks = shared ? Math.ceilDiv(columns / 32, LEAST_GROUPS) : 1;
    this.busyBlocks = 2 * sites.multiprocessors();
    KernelArguments a = site.arguments();
    a.set("x", addresses.of(product.input())).set("x_stride", addresses.stride(product.input()));
    product
        .norm()
        .ifPresent(n -> a.set("norm", weights.vector(n.weight())).set("epsilon", n.epsilon()));
    a.set("columns", columns);
    switch (form) {
      case INT16 -> a.set("codes", address).set("scales", second()).set("sums", third());
      case SPLIT_F16, SPLIT_BF16 -> a.set("parts", address).set("scales", second());
      case BF16, F32 -> a.set("out", address);
    }
  }

  /** Where it lies: codes, parts or values. */
  long first() {
    return address;
  }

  /** Where the scales lie. */
  long second() {
    return address + layout.second();
  }

  /** Where the sums lie. */
  long third() {
    return address + layout.third();
  }

  void prepare(int tokens, long stream) {
    if (!key.equals(holder.key)) {
      if (key.form() != PreparedForm.BF16 && key.form() != PreparedForm.F32) {
        site.arguments().set("tokens", tokens);
      }
      site.launch(stream, tokens, Math.clamp(busyBlocks / tokens, 1, mostBlocks), 1);
      holder.key = key;
    }
  }
}
