package org.slmruntime.ptx;

/** Counters while a launch runs. */
final class Tally {
  long warpInstructions;
  long laneInstructions;
  long globalLoadRequests;
  long globalLoadSectors;
  long globalLoadBytes;
  long globalStoreSectors;
  long globalStoreBytes;
  long sharedWavefronts;
  long sharedIdealWavefronts;
  long localAccesses;
  long barriers;
  long matrixMultiplies;

  Counters counters() {
    return new Counters(
        warpInstructions,
        laneInstructions,
        globalLoadRequests,
        globalLoadSectors,
        globalLoadBytes,
        globalStoreSectors,
        globalStoreBytes,
        sharedWavefronts,
        sharedIdealWavefronts,
        localAccesses,
        barriers,
        matrixMultiplies);
  }
}
