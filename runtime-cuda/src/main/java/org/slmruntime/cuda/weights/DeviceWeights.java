package org.slmruntime.cuda.weights;

import java.util.function.Function;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.plan.Program;
import org.slmruntime.cuda.plan.Stack;
import org.slmruntime.cuda.plan.StackedVector;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Weight;
import org.slmruntime.kernels.MatrixLayout;
import org.slmruntime.tensor.DType;

/** A program's weights, to be put into device memory. Immutable once uploaded. */
public final class DeviceWeights {
  /** Larger allocations need more luck than several of this size. */
  private static final long SHARD_BYTES = 4L << 30;

  private final WeightPlan plan;
  private long[] addresses;

  private DeviceWeights(WeightPlan plan) {
    this.plan = plan;
  }

  /** Plans them; nothing is allocated. */
  public static DeviceWeights plan(Program program, Function<Weight, DType> types) {
    return new DeviceWeights(WeightPlan.of(program, types, SHARD_BYTES));
  }

  /** Bytes of all allocations. */
  public long bytes() {
    return plan.bytes();
  }

  /** Tells how to take device memory that is given back with the plan's. */
  @FunctionalInterface
  public interface Allocator {
    long allocate(long bytes);
  }

  /** Allocates and copies everything; done when it returns. */
  public void upload(
      GpuDriver driver, Allocator allocator, Weights weights, ProgressListener progress) {
    addresses = plan.shards().stream().mapToLong(allocator::allocate).toArray();
    try (WeightUpload upload = new WeightUpload(driver, weights, progress, plan)) {
      for (int r = 0; r < plan.regions().size(); r++) {
        upload.matrix(plan.regions().get(r), address(plan.regionPlaces().get(r)));
      }
      plan.vectorPlaces().forEach((vector, place) -> upload.vector(vector, address(place)));
      plan.tablePlaces().forEach((table, place) -> upload.table(table, address(place)));
    }
  }

  public DeviceMatrix matrix(Stack stack) {
    WeightPlan.RowPlace place = plan.places().get(stack);
    Region region = plan.regions().get(place.region());
    MatrixLayout layout = region.layout();
    long base = address(plan.regionPlaces().get(place.region()));
    long[] planes = new long[layout.planes()];
    int[] pitches = new int[planes.length];
    for (int p = 0; p < planes.length; p++) {
      planes[p] = base + layout.offset(p);
      pitches[p] = layout.pitch(p);
    }
    DeviceMatrix whole =
        new DeviceMatrix(region.type(), layout.rows(), layout.columns(), planes, pitches);
    return whole.from(place.firstRow(), stack.rows());
  }

  /** Address of a vector of float32. */
  public long vector(StackedVector vector) {
    return address(plan.vectorPlaces().get(vector));
  }

  public long vector(Weight vector) {
    return vector(StackedVector.of(vector));
  }

  /** Address of the frequencies, float64. */
  public long frequencies(RotaryTable table) {
    return address(plan.tablePlaces().get(table));
  }

  private long address(WeightPlan.Place place) {
    return addresses[place.shard()] + place.offset();
  }
}
