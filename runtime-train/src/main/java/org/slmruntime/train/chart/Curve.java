package org.slmruntime.train.chart;

import java.util.ArrayList;
import java.util.List;

/**
 * Named points of a chart, ascending in x. Immutable.
 *
 * @param name for the legend
 * @param points what is no number has no place in a chart and is left out
 */
public record Curve(String name, List<Point> points) {
  /** Where a curve goes. */
  public record Point(double x, double y) {
    boolean isFinite() {
      return Double.isFinite(x) && Double.isFinite(y);
    }
  }

  public Curve {
    points = points.stream().filter(Point::isFinite).toList();
  }

  /**
   * The same curve in at most {@code most} points, each the mean of as many neighbours: a million
   * steps neither fit on a screen nor into a small file.
   */
  Curve thinned(int most) {
    int each = Math.ceilDiv(points.size(), most);
    if (each <= 1) {
      return this;
    }
    List<Point> means = new ArrayList<>();
    for (int from = 0; from < points.size(); from += each) {
      List<Point> part = points.subList(from, Math.min(points.size(), from + each));
      means.add(new Point(mean(part, true), mean(part, false)));
    }
    return new Curve(name, means);
  }

  private static double mean(List<Point> part, boolean x) {
    return part.stream().mapToDouble(p -> x ? p.x : p.y).average().orElseThrow();
  }
}
