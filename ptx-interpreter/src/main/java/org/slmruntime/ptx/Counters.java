package org.slmruntime.ptx;

/**
 * What a launch did.
 *
 * @param warpInstructions issued
 * @param laneInstructions issued, times the lanes that were active
 * @param globalLoadRequests warp-wide loads from global memory
 * @param globalLoadSectors 32-byte sectors they touched, each counted once per request
 * @param globalLoadBytes bytes that lanes asked for, those asked for by several lanes of a request
 *     counted once
 * @param sharedWavefronts passes over the 32 banks that shared accesses took
 * @param sharedIdealWavefronts passes they would take without conflicts
 * @param localAccesses loads and stores of local memory (spills, indexed arrays)
 * @param barriers that a block's warps came to together
 * @param matrixMultiplies mma instructions, each counted once per warp
 */
public record Counters(
    long warpInstructions,
    long laneInstructions,
    long globalLoadRequests,
    long globalLoadSectors,
    long globalLoadBytes,
    long globalStoreSectors,
    long globalStoreBytes,
    long sharedWavefronts,
    long sharedIdealWavefronts,
    long localAccesses,
    long barriers,
    long matrixMultiplies) {
  public Counters plus(Counters o) {
    return new Counters(
        warpInstructions + o.warpInstructions,
        laneInstructions + o.laneInstructions,
        globalLoadRequests + o.globalLoadRequests,
        globalLoadSectors + o.globalLoadSectors,
        globalLoadBytes + o.globalLoadBytes,
        globalStoreSectors + o.globalStoreSectors,
        globalStoreBytes + o.globalStoreBytes,
        sharedWavefronts + o.sharedWavefronts,
        sharedIdealWavefronts + o.sharedIdealWavefronts,
        localAccesses + o.localAccesses,
        barriers + o.barriers,
        matrixMultiplies + o.matrixMultiplies);
  }
}
