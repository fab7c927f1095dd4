package org.slmruntime.ptx;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/** Runs launches over one global memory. Not thread-safe. */
public final class PtxMachine {
  private static final int MOST_THREADS = 1024;

  /** What the largest GPU lets a block have; smaller ones offer 99 KiB. */
  private static final int MOST_SHARED_BYTES = 227 << 10;

  private final GlobalMemory memory;
  private final PtxOptions options;
  private final Randomness seeds;
  private final Map<PtxModule, Map<String, Region>> variables = new IdentityHashMap<>();
  private final WarpPool warps = new WarpPool();
  private final Map<Code, Constants> constants = new IdentityHashMap<>();

  public PtxMachine(GlobalMemory memory, PtxOptions options) {
    this.memory = memory;
    this.options = options;
    this.seeds = new Randomness(options.seed());
  }

  /**
   * Runs a kernel to its end.
   *
   * @param parameters the parameter space
   * @throws PtxException with kernel, line, instruction, block, warp and lane of what went wrong
   */
  public Counters launch(
      PtxEntry entry, Dim3 grid, Dim3 block, int dynamicSharedBytes, MemorySegment parameters) {
    Code code = entry.code();
    check(code, grid, block, dynamicSharedBytes);
    Launch launch =
        new Launch(
            entry,
            grid,
            block,
            dynamicSharedBytes,
            parameters(entry, parameters),
            memory,
            options,
            constants.computeIfAbsent(code, this::link),
            warps,
            seeds.next());
    watchRaces();
    launch.run();
    return launch.tally.counters();
  }

  private void watchRaces() {
    if (options.checks()) {
      memory.watchRaces();
    }
  }

  private static void check(Code code, Dim3 grid, Dim3 block, int dynamicSharedBytes) {
    String name = code.name() + ": ";
    if (smallest(grid) < 1 || grid.y() > 65535 || grid.z() > 65535) {
      throw new PtxException(name + "a grid cannot be " + grid);
    }
    long threads = block.count();
    if (smallest(block) < 1 || threads > MOST_THREADS || block.z() > 64) {
      throw new PtxException(name + "a block cannot be " + block);
    }
    if (code.maxThreads() != 0 && threads > code.maxThreads()) {
      throw new PtxException(
          name + threads + " threads, but it was compiled for " + code.maxThreads() + " at most");
    }
    long shared = (long) code.dynamicOffset() + dynamicSharedBytes;
    if (dynamicSharedBytes < 0 || shared > MOST_SHARED_BYTES) {
      throw new PtxException(name + shared + " bytes of shared memory are too many");
    }
  }

  private static int smallest(Dim3 d) {
    return Math.min(d.x(), Math.min(d.y(), d.z()));
  }

  private static Region parameters(PtxEntry entry, MemorySegment from) {
    int bytes = entry.parameterBytes();
    if (from.byteSize() < bytes) {
      throw new PtxException(
          entry.name() + " has " + bytes + " bytes of parameters, but got " + from.byteSize());
    }
    Region region = new Region(0, bytes, true);
    MemorySegment.copy(from, 0, MemorySegment.ofArray(region.bytes), 0, bytes);
    return region;
  }

  private Constants link(Code code) {
    return new Constants(code.slots(), name -> address(code, name));
  }

  private long address(Code code, String name) {
    Integer offset = code.sharedOffsets().get(name);
    if (offset != null) {
      return offset < 0 ? code.dynamicOffset() : offset;
    }
    Region region = variables.computeIfAbsent(code.module(), k -> new HashMap<>()).get(name);
    if (region == null) {
      Variable v = code.module().variables().get(name);
      if (v == null) {
        throw new PtxException(code.name() + ": variable " + name + " is unknown");
      }
      region = memory.reserve(v.bytes(), true);
      System.arraycopy(v.initial(), 0, region.bytes, 0, v.initial().length);
      variables.get(code.module()).put(name, region);
    }
    return region.base;
  }
}
