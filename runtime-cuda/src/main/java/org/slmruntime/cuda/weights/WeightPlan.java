package org.slmruntime.cuda.weights;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.slmruntime.cuda.plan.Program;
import org.slmruntime.cuda.plan.Stack;
import org.slmruntime.cuda.plan.StackedVector;
import org.slmruntime.cuda.plan.Step;
import org.slmruntime.graph.Op;
import org.slmruntime.graph.RotaryTable;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;

/**
 * Where a program's weights will lie. Each stored matrix is there once: what several operations
 * read of it, overlapping or not, is addressed by rows.
 *
 * @param regions the matrices
 * @param places the region and its first row that holds a stack
 * @param shards bytes of each allocation
 * @param regionPlaces where each region lies, by its index
 * @param vectorPlaces where each vector of float32 lies
 * @param tablePlaces where the frequencies of each rotary table lie, as float64
 */
record WeightPlan(
    List<Region> regions,
    Map<Stack, RowPlace> places,
    List<Long> shards,
    List<Place> regionPlaces,
    Map<StackedVector, Place> vectorPlaces,
    Map<RotaryTable, Place> tablePlaces) {
  /** Where rows lie. */
  record RowPlace(int region, int firstRow) {}

  /** Bytes from the start of an allocation. */
  record Place(int shard, long offset) {}

  static WeightPlan of(Program program, Function<Weight, DType> types, long shardBytes) {
    Set<Stack> stacks = new LinkedHashSet<>();
    program.steps().forEach(step -> addStack(step, stacks));
    List<Region> regions = new ArrayList<>();
    Map<Stack, RowPlace> places = new HashMap<>();
    Map<List<?>, List<Weight>> alone = new LinkedHashMap<>();
    for (Stack stack : stacks) {
      Weight first = stack.parts().getFirst();
      if (stack.parts().size() == 1) {
        alone
            .computeIfAbsent(List.of(first.name(), first.columns()), _ -> new ArrayList<>())
            .add(first);
      } else {
        places.put(stack, new RowPlace(regions.size(), 0));
        regions.add(new Region(types.apply(first), stack));
      }
    }
    alone.values().forEach(slices -> unite(slices, types, regions, places));
    Shards shards = new Shards(shardBytes);
    List<Place> regionPlaces = regions.stream().map(r -> shards.add(r.bytes())).toList();
    Map<StackedVector, Place> vectors = new LinkedHashMap<>();
    Vectors.of(program).forEach(v -> vectors.put(v, shards.add((long) v.length() * Float.BYTES)));
    Map<RotaryTable, Place> tables = new LinkedHashMap<>();
    Vectors.tables(program)
        .forEach(t -> tables.put(t, shards.add((long) t.frequencies().length * Double.BYTES)));
    return new WeightPlan(regions, places, shards.sizes(), regionPlaces, vectors, tables);
  }

  private static void addStack(Step step, Set<Stack> stacks) {
    if (step instanceof Step.Product product) {
      stacks.add(product.matrix());
    } else if (step instanceof Step.Single single && single.op() instanceof Op.Embed embed) {
      stacks.add(Stack.of(embed.table()));
    }
  }

  /** Slices of one tensor that overlap become one region. */
  private static void unite(
      List<Weight> slices,
      Function<Weight, DType> types,
      List<Region> regions,
      Map<Stack, RowPlace> places) {
    List<Weight> sorted = slices.stream().sorted(Slices.BY_OFFSET).toList();
    for (int from = 0; from < sorted.size(); ) {
      int to = Slices.endOfOverlap(sorted, from);
      Weight union = Slices.union(sorted.subList(from, to));
      for (Weight slice : sorted.subList(from, to)) {
        long row = (slice.offset() - union.offset()) / slice.columns();
        places.put(Stack.of(slice), new RowPlace(regions.size(), Math.toIntExact(row)));
      }
      regions.add(new Region(types.apply(union), Stack.of(union)));
      from = to;
    }
  }

  long bytes() {
    long sum = 0;
    for (long shard : shards) {
      sum = Math.addExact(sum, shard);
    }
    return sum;
  }
}
