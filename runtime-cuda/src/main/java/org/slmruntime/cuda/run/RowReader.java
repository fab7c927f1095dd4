package org.slmruntime.cuda.run;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.graph.Value;

/** Brings rows of values to the host and waits for them. */
final class RowReader {
  private final GpuDriver driver;
  private final long stream;
  private final Addresses addresses;
  private final Value output;
  private final MemorySegment pinned;
  private final float[] logits;

  RowReader(GpuDriver driver, long stream, Blueprint plan, Addresses addresses, PlanMemory memory) {
    this.driver = driver;
    this.stream = stream;
    this.addresses = addresses;
    this.output = plan.program().graph().output();
    int outputs = plan.options().maxOutputs();
    this.logits = new float[outputs * output.width()];
    boolean observed = !plan.options().observer().equals(ValueObserver.NONE);
    long bytes = bytes(output, outputs);
    if (observed) {
      for (Value value : plan.program().graph().values()) {
        bytes = Math.max(bytes, bytes(value, plan.capacity().rows(value.rows())));
      }
    }
    this.pinned = memory.pinned(bytes);
  }

  private static long bytes(Value value, int rows) {
    return (long) rows * value.width() * Float.BYTES;
  }

  float[] logits(int rows) {
    read(output, rows, logits);
    return logits;
  }

  float[] read(Value value, int rows) {
    float[] data = new float[rows * value.width()];
    read(value, rows, data);
    return data;
  }

  private void read(Value value, int rows, float[] data) {
    long row = (long) value.width() * Float.BYTES;
    long pitch = (long) addresses.stride(value) * Float.BYTES;
    if (row == pitch && rows > 0) {
      driver.downloadAsync(pinned, addresses.of(value), rows * row, stream);
    } else {
      for (int r = 0; r < rows; r++) {
        driver.downloadAsync(pinned.asSlice(r * row), addresses.of(value) + r * pitch, row, stream);
      }
    }
    driver.synchronize(stream);
    MemorySegment.copy(pinned, ValueLayout.JAVA_FLOAT, 0, data, 0, rows * value.width());
  }
}
