package org.slmruntime.cuda.weights;

import java.util.Comparator;
import java.util.List;
import org.slmruntime.graph.Weight;

/** Row slices of one tensor. */
final class Slices {
  static final Comparator<Weight> BY_OFFSET = Comparator.comparingLong(Weight::offset);

  private Slices() {}

  /** One past the last of the sorted slices that are connected with slice {@code from}. */
  static int endOfOverlap(List<Weight> sorted, int from) {
    long end = end(sorted.get(from));
    int to = from + 1;
    while (to < sorted.size() && overlaps(sorted, from, to, end)) {
      end = Math.max(end, end(sorted.get(to)));
      to++;
    }
    return to;
  }

  /** A slice that starts within a row of the others cannot be addressed by rows of theirs. */
  private static boolean overlaps(List<Weight> sorted, int from, int to, long end) {
    Weight next = sorted.get(to);
    boolean wholeRows = (next.offset() - sorted.get(from).offset()) % next.columns() == 0;
    return next.offset() < end && wholeRows;
  }

  static Weight union(List<Weight> slices) {
    Weight first = slices.getFirst();
    long end = slices.stream().mapToLong(Slices::end).max().orElseThrow();
    int rows = Math.toIntExact((end - first.offset()) / first.columns());
    return new Weight(first.name(), first.offset(), rows, first.columns());
  }

  private static long end(Weight weight) {
    return weight.offset() + weight.elements();
  }
}
