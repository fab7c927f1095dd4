package org.slmruntime.gpuparity;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;
import org.slmruntime.cuda.driver.KernelArguments;
import org.slmruntime.kernels.MatrixLayout;
import org.slmruntime.quant.QuantFormats;
import org.slmruntime.tensor.DType;

/**
 * A matrix of random weights on the device.
 *
 * @param address where its planes start
 */
record DeviceMatrix(MatrixLayout layout, long address) {
  /** Rows that are drawn; more are repetitions, which no kernel's speed depends on. */
  private static final int DRAWN = 96;

  /** Makes one whose products with rows of unit variance have about unit variance. */
  static DeviceMatrix random(Lab lab, DType type, int rows, int columns, RandomGenerator random) {
    MatrixLayout layout = new MatrixLayout(type, rows, columns);
    long address = lab.zeros(layout.bytes());
    int drawn = Math.min(rows, DRAWN);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stored = stored(type, drawn, columns, random, arena);
      for (int plane = 0; plane < layout.planes(); plane++) {
        long at = address + layout.offset(plane);
        MemorySegment packed = packed(layout, plane, drawn, stored, arena);
        for (int row = 0; row < rows; row += drawn) {
          long bytes = (long) Math.min(drawn, rows - row) * layout.pitch(plane);
          lab.driver().upload(at + (long) row * layout.pitch(plane), packed, bytes);
        }
      }
    }
    return new DeviceMatrix(layout, address);
  }

  private static MemorySegment stored(
      DType type, int rows, int columns, RandomGenerator random, Arena arena) {
    float[] values = Draws.normal(rows * columns, 1 / Math.sqrt(columns), random);
    MemorySegment stored = arena.allocate(type.byteSize(values.length), 64);
    QuantFormats.encoder(type).orElseThrow().encode(values, 0, values.length, stored, 0);
    return stored;
  }

  private static MemorySegment packed(
      MatrixLayout layout, int plane, int rows, MemorySegment stored, Arena arena) {
    int pitch = layout.pitch(plane);
    MemorySegment packed = arena.allocate((long) rows * pitch, 64);
    long rowBytes = layout.type().byteSize(layout.columns());
    for (int row = 0; row < rows; row++) {
      layout.packRow(plane, stored, row * rowBytes, packed, (long) row * pitch);
    }
    return packed;
  }

  /** Sets a kernel's matrix argument. */
  KernelArguments into(KernelArguments arguments, String name) {
    long[] planes = new long[layout.planes()];
    int[] pitches = new int[planes.length];
    for (int plane = 0; plane < planes.length; plane++) {
      planes[plane] = address + layout.offset(plane);
      pitches[plane] = layout.pitch(plane);
    }
    return arguments.set(name, planes, pitches);
  }
}
