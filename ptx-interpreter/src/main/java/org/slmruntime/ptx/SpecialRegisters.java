package org.slmruntime.ptx;

import java.util.Set;

/** Read-only registers and what they hold. */
final class SpecialRegisters {
  private static final Set<String> KNOWN =
      Set.of(
          "%tid.x",
          "%tid.y",
          "%tid.z",
          "%ntid.x",
          "%ntid.y",
          "%ntid.z",
          "%ctaid.x",
          "%ctaid.y",
          "%ctaid.z",
          "%nctaid.x",
          "%nctaid.y",
          "%nctaid.z",
          "%laneid",
          "%warpid",
          "%nwarpid",
          "%smid",
          "%nsmid",
          "%gridid",
          "%lanemask_eq",
          "%lanemask_lt",
          "%lanemask_le",
          "%lanemask_gt",
          "%lanemask_ge",
          "%clock",
          "%clock64",
          "%globaltimer",
          "%total_smem_size",
          "%dynamic_smem_size");

  private SpecialRegisters() {}

  static boolean isKnown(String name) {
    return KNOWN.contains(name);
  }

  static boolean isWide(String name) {
    return name.equals("%clock64") || name.equals("%globaltimer") || name.equals("%gridid");
  }

  /** Whether the value changes while a block runs. */
  static boolean isClock(String name) {
    return name.equals("%clock64") || name.equals("%globaltimer") || name.equals("%clock");
  }

  /** Sets a register when a warp begins in a block. */
  static void fill(Slots.Special register, Warp warp) {
    String name = register.name();
    boolean differs = name.startsWith("%tid") || name.startsWith("%lane");
    long first = value(name, warp.block, warp, 0);
    for (int lane = 0; lane < 32; lane++) {
      long value = differs ? value(name, warp.block, warp, lane) : first;
      warp.set(register.slot(), lane, value);
    }
  }

  private static long value(String name, Block block, Warp warp, int lane) {
    int thread = warp.index * 32 + lane;
    Dim3 size = block.launch.blockSize;
    return switch (name) {
      case "%tid.x" -> thread % size.x();
      case "%tid.y" -> thread / size.x() % size.y();
      case "%tid.z" -> thread / size.x() / size.y();
      case "%ntid.x" -> size.x();
      case "%ntid.y" -> size.y();
      case "%ntid.z" -> size.z();
      case "%ctaid.x" -> block.x;
      case "%ctaid.y" -> block.y;
      case "%ctaid.z" -> block.z;
      case "%nctaid.x" -> block.launch.grid.x();
      case "%nctaid.y" -> block.launch.grid.y();
      case "%nctaid.z" -> block.launch.grid.z();
      case "%laneid" -> lane;
      case "%warpid" -> warp.index;
      case "%nwarpid" -> block.warps.length;
      case "%nsmid" -> 1;
      case "%lanemask_eq" -> 1 << lane;
      case "%lanemask_lt" -> (1 << lane) - 1;
      case "%lanemask_le" -> (2 << lane) - 1;
      case "%lanemask_gt" -> -(2 << lane);
      case "%lanemask_ge" -> -(1 << lane);
      case "%total_smem_size" -> block.shared.size;
      case "%dynamic_smem_size" -> block.launch.dynamicSharedBytes;
      default -> 0;
    };
  }
}
