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

  RowReader(
      GpuDriver driver, long stream, Blueprint plan, Addresses addresses, DeviceMemory memory) {
    this.driver = driver;
    this.stream = stream;
    this.addresses = addresses;
    this.output = plan.program().graph().output();
    int outputs = plan.options().maxOutputs();
    this.logits = new float[outputs * output.width()];
    boolean observed = !plan.options().observer().equals(ValueObserver.NONE);
    long bytes = bytes(output, outputs);
    for (Value value : observed ? plan.program().graph().values() : java.util.List.<Value>of()) {
      bytes = Math.max(bytes, bytes(value, plan.capacity().rows(value.rows())));
    }
    this.pinned = memory.pinned(bytes);
  }

  private long bytes(Value value, int rows) {
    return (long) rows * addresses.stride(value) * Float.BYTES;
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
    int stride = addresses.stride(value);
    if (rows > 0) {
      // A view into a wider row ends before the last row does.
      long bytes = ((long) (rows - 1) * stride + value.width()) * Float.BYTES;
      driver.downloadAsync(pinned, addresses.of(value), bytes, stream);
    }
    driver.synchronize(stream);
    for (int row = 0; row < rows; row++) {
      long from = (long) row * stride * Float.BYTES;
      MemorySegment.copy(
          pinned, ValueLayout.JAVA_FLOAT, from, data, row * value.width(), value.width());
    }
  }
}
