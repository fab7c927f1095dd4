package org.slmruntime.ptx;

/** Qualifiers of memory accesses. */
final class Qualifiers {
  private Qualifiers() {}

  /** Takes those of memory ordering; whether the access is more than an ordinary one. */
  static boolean take(Form form) {
    String order =
        form.takeAny("volatile", "relaxed", "acquire", "release", "acq_rel", "mmio", "weak");
    form.takeAny("cta", "cluster", "gpu", "sys");
    return !order.isEmpty() && !order.equals("weak");
  }

  /** Takes hints to caches, which change nothing here. */
  static void takeCaching(Form form) {
    form.takeAny("nc");
    form.takeAny("ca", "cg", "cs", "lu", "cv", "wb", "wt");
    form.ignore("L1::");
    form.ignore("L2::");
  }
}
