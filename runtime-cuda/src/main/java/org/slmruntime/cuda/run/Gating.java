package org.slmruntime.cuda.run;

/**
 * Where a product of many tokens puts its result: in its place, or, if gate and up rows are
 * interleaved, in scratch memory, from where the activation brings it to its place.
 */
final class Gating {
  private final ProductTarget target;
  private final long scratch;
  private final Site site;

  Gating(ProductTarget target, long scratch, Sites sites) {
    this.target = target;
    this.scratch = scratch;
    this.site = target.isGated() ? sites.of("gated", 256) : null;
    if (site != null) {
      site.arguments()
          .set("gate", scratch)
          .set("gate_stride", target.rows())
          .set("up", scratch + Float.BYTES)
          .set("up_stride", target.rows())
          .set("step", 2)
          .set("activation", target.activation())
          .set("y", target.y())
          .set("y_stride", target.yStride())
          .set("width", target.rows() / 2);
    }
  }

  long y() {
    return site == null ? target.y() : scratch;
  }

  int yStride() {
    return site == null ? target.yStride() : target.rows();
  }

  void finish(int tokens, long stream) {
    if (site != null) {
      site.launch(stream, Math.ceilDiv(target.rows() / 2, 256), tokens, 1);
    }
  }
}
