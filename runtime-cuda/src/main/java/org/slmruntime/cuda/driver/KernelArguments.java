package org.slmruntime.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.slmruntime.kernels.KernelSignature;
import org.slmruntime.kernels.KernelSignature.Type;

/**
 * A kernel's arguments in native memory: the values, and the table of their addresses that {@code
 * cuLaunchKernel} takes. Made once per place that launches; setting a value afterwards allocates
 * nothing. Types are checked against the kernel's signature. Not thread-safe.
 */
public final class KernelArguments {
  private final KernelSignature signature;
  private final MemorySegment values;
  private final MemorySegment addresses;

  /** All values are zero; the arena must outlive every launch. */
  public KernelArguments(KernelSignature signature, Arena arena) {
    this.signature = signature;
    this.values = arena.allocate(Math.max(signature.bytes(), 1), 8);
    int count = signature.arguments().size();
    this.addresses = arena.allocate(ValueLayout.ADDRESS, Math.max(count, 1));
    for (int i = 0; i < count; i++) {
      MemorySegment value = values.asSlice(signature.arguments().get(i).offset());
      addresses.setAtIndex(ValueLayout.ADDRESS, i, value);
    }
  }

  /** The same values in memory of their own. */
  KernelArguments copy(Arena arena) {
    KernelArguments copy = new KernelArguments(signature, arena);
    copy.values.copyFrom(values);
    return copy;
  }

  public KernelSignature signature() {
    return signature;
  }

  /** The values as the kernel's parameter space has them. */
  public MemorySegment values() {
    return values;
  }

  /** One address per argument. */
  public MemorySegment addresses() {
    return addresses;
  }

  public KernelArguments set(String name, int value) {
    values.set(ValueLayout.JAVA_INT, signature.offset(name, Type.INT), value);
    return this;
  }

  public KernelArguments set(String name, float value) {
    values.set(ValueLayout.JAVA_FLOAT, signature.offset(name, Type.FLOAT), value);
    return this;
  }

  /** A device address; 0 for an optional pointer that is absent. */
  public KernelArguments set(String name, long pointer) {
    values.set(ValueLayout.JAVA_LONG, signature.offset(name, Type.POINTER), pointer);
    return this;
  }

  /**
   * A matrix.
   *
   * @param planes device addresses, at most 4
   * @param pitches bytes per row of each
   */
  public KernelArguments set(String name, long[] planes, int[] pitches) {
    int at = signature.offset(name, Type.MATRIX);
    for (int i = 0; i < Type.MATRIX_PLANES; i++) {
      boolean used = i < planes.length;
      values.set(ValueLayout.JAVA_LONG, at + 8L * i, used ? planes[i] : 0);
      values.set(ValueLayout.JAVA_INT, at + 32 + 4L * i, used ? pitches[i] : 0);
    }
    return this;
  }
}
