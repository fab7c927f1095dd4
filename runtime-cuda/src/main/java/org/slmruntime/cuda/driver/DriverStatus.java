package org.slmruntime.cuda.driver;

import java.util.function.IntFunction;

/**
 * The one place where return codes are looked at. Remembers when the context was lost: from then on
 * nothing but closing makes sense. Used by the driver's thread.
 */
final class DriverStatus {
  private final IntFunction<String> names;
  private String lostBy;
  private int lostCode;

  /**
   * @param names the driver's name of a code, e.g. {@code CUDA_ERROR_OUT_OF_MEMORY}
   */
  DriverStatus(IntFunction<String> names) {
    this.names = names;
  }

  /**
   * Called before every call that needs the context.
   *
   * @throws GpuException if it was lost
   */
  void ready() {
    if (lostBy != null) {
      throw new GpuException(
          "the GPU's context was lost by "
              + lostBy
              + ": open the model again, or restart the process if that fails",
          lostCode);
    }
  }

  boolean isLost() {
    return lostBy != null;
  }

  /**
   * @param call the function's name
   * @param code what it returned
   */
  void check(String call, int code) {
    if (code != 0) {
      throw failure(call, "", code);
    }
  }

  /**
   * An exception to throw.
   *
   * @param detail what was asked for, or empty
   */
  GpuException failure(String call, String detail, int code) {
    String what = call + ": " + names.apply(code) + " (" + code + ")";
    GpuException failure =
        new GpuException(what + (detail.isEmpty() ? "" : ", " + detail) + advice(code), code);
    if (failure.isSticky() && lostBy == null) {
      lostBy = what;
      lostCode = code;
    }
    return failure;
  }

  private static String advice(int code) {
    return switch (code) {
      case 2 -> ": choose a shorter context, fewer sequences or a smaller model";
      case 46 -> ": another process uses the GPU exclusively";
      case 100, 101 -> ": see nvidia-smi and CUDA_VISIBLE_DEVICES for the devices there are";
      case 209, 218, 222 -> ": update the NVIDIA driver";
      case 221 -> ": install the driver's libnvidia-ptxjitcompiler.so.1";
      case 214 -> ": the GPU's memory is faulty, see nvidia-smi -q -d ECC";
      case 803, 804 -> ": restart the machine or install the driver again";
      case 700, 702, 710, 714, 715, 716, 717, 718, 719 ->
          ": a kernel failed; --gpu-sync says which";
      default -> "";
    };
  }
}
