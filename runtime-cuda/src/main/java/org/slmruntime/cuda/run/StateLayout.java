package org.slmruntime.cuda.run;

/**
 * What a step tells the device, as offsets in bytes: everything is copied at once, up to the last
 * block table in use.
 *
 * @param tokens ids, int32 by token
 * @param positions int32 by token; negative for padding
 * @param loosePositions the same, but negative for tokens of tiles
 * @param sequences int32 by token
 * @param rows token of each output row, int32; negative for padding
 * @param tiles int32[4] by tile: first token, rows, sequence, position of the first
 * @param settings 32 bytes by output row, of the sampling kernel
 * @param tables int32 by sequence and block
 */
record StateLayout(
    long tokens,
    long positions,
    long loosePositions,
    long sequences,
    long rows,
    long tiles,
    long settings,
    long tables,
    long bytes) {
  static final int TILE_BYTES = 16;
  static final int SETTINGS_BYTES = 32;

  static StateLayout of(Capacity capacity) {
    Offsets at = new Offsets();
    return new StateLayout(
        at.add(capacity.tokens(), Integer.BYTES),
        at.add(capacity.tokens(), Integer.BYTES),
        at.add(capacity.tokens(), Integer.BYTES),
        at.add(capacity.tokens(), Integer.BYTES),
        at.add(capacity.outputs(), Integer.BYTES),
        at.add(capacity.tiles(), TILE_BYTES),
        at.add(capacity.outputs(), SETTINGS_BYTES),
        at.add(Math.multiplyExact((long) capacity.sequences(), capacity.blocks()), Integer.BYTES),
        at.end());
  }
}
