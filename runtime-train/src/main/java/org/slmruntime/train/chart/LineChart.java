package org.slmruntime.train.chart;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A chart of curves over steps as an SVG document (SVG 1.1), which follows the viewer's light or
 * dark scheme. The same curves give the same text. Immutable.
 *
 * @param title any text
 * @param x what the horizontal axis is
 * @param y what the vertical axis is
 * @param curves at most {@value #MAX_CURVES}; those without points are only in the legend
 */
public record LineChart(String title, String x, String y, List<Curve> curves) {
  /** As many as there are colours. */
  public static final int MAX_CURVES = 4;

  private static final int WIDTH = 720;
  private static final int HEIGHT = 420;
  private static final int LEFT = 72;
  private static final int RIGHT = WIDTH - 24;
  private static final int TOP = 56;
  private static final int BOTTOM = HEIGHT - 56;
  private static final int MAX_POINTS = 600;
  private static final int TICKS = 6;

  private static final String STYLE =
      """
      <style>
      text { font: 13px system-ui, sans-serif; fill: #333 }
      .title { font-size: 16px; font-weight: 600 }
      .paper { fill: #fff }
      .grid { stroke: #ddd }
      .curve { fill: none; stroke-width: 2; stroke-linejoin: round }
      .dot { stroke: none }
      .c0 { stroke: #1f6fb4 } .dot.c0 { fill: #1f6fb4 }
      .c1 { stroke: #d1590a } .dot.c1 { fill: #d1590a }
      .c2 { stroke: #23823b } .dot.c2 { fill: #23823b }
      .c3 { stroke: #8250c4 } .dot.c3 { fill: #8250c4 }
      @media (prefers-color-scheme: dark) {
      text { fill: #ccc }
      .paper { fill: #16191d }
      .grid { stroke: #3a4048 }
      .c0 { stroke: #6db3f2 } .dot.c0 { fill: #6db3f2 }
      .c1 { stroke: #ff9a56 } .dot.c1 { fill: #ff9a56 }
      .c2 { stroke: #66cc80 } .dot.c2 { fill: #66cc80 }
      .c3 { stroke: #b99af0 } .dot.c3 { fill: #b99af0 }
      }
      </style>
      """;

  public LineChart {
    if (curves.size() > MAX_CURVES) {
      throw new IllegalArgumentException(curves.size() + " curves; there are 4 colours");
    }
    curves = curves.stream().map(curve -> curve.thinned(MAX_POINTS)).toList();
  }

  /** The whole document. */
  public String svg() {
    StringBuilder svg = new StringBuilder();
    append(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">\n",
        WIDTH,
        HEIGHT);
    append(svg, "<title>%s</title>\n", escaped(title));
    svg.append(STYLE);
    append(svg, "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", WIDTH, HEIGHT);
    append(svg, "<text class=\"title\" x=\"%d\" y=\"24\">%s</text>\n", LEFT, escaped(title));
    Axis across = axis(Curve.Point::x);
    Axis up = axis(Curve.Point::y);
    grid(svg, across, up);
    for (int c = 0; c < curves.size(); c++) {
      legend(svg, c);
      curve(svg, c, across, up);
    }
    return svg.append("</svg>\n").toString();
  }

  private Axis axis(ToDoubleFunction<Curve.Point> coordinate) {
    double[] values =
        curves.stream()
            .flatMap(c -> c.points().stream())
            .mapToDouble(coordinate)
            .sorted()
            .toArray();
    return values.length == 0
        ? Axis.around(0, 1, TICKS)
        : Axis.around(values[0], values[values.length - 1], TICKS);
  }

  private void grid(StringBuilder svg, Axis across, Axis up) {
    for (BigDecimal tick : across.ticks()) {
      double at = left(across, tick.doubleValue());
      append(svg, "<path class=\"grid\" d=\"M%.1f %dV%d\"/>\n", at, TOP, BOTTOM);
      text(svg, "middle", at, BOTTOM + 20, Axis.label(tick));
    }
    for (BigDecimal tick : up.ticks()) {
      double at = top(up, tick.doubleValue());
      append(svg, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>\n", LEFT, at, RIGHT);
      text(svg, "end", LEFT - 8, at + 4, Axis.label(tick));
    }
    text(svg, "end", RIGHT, HEIGHT - 14, x);
    text(svg, "start", LEFT, TOP - 12, y);
  }

  private static void text(StringBuilder svg, String anchor, double x, double y, String text) {
    append(
        svg,
        "<text text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
        anchor,
        x,
        y,
        escaped(text));
  }

  private void legend(StringBuilder svg, int curve) {
    int at = RIGHT - 140 * (curves.size() - curve);
    append(svg, "<path class=\"curve c%d\" d=\"M%d %dh20\"/>\n", curve, at, TOP - 16);
    text(svg, "start", at + 26, TOP - 12, curves.get(curve).name());
  }

  /** A line, and a dot for each point where there are so few that one is seen. */
  private void curve(StringBuilder svg, int c, Axis across, Axis up) {
    List<Curve.Point> points = curves.get(c).points();
    if (points.isEmpty()) {
      return;
    }
    append(svg, "<path class=\"curve c%d\" d=\"", c);
    String command = "M";
    for (Curve.Point point : points) {
      append(svg, "%s%.1f %.1f", command, left(across, point.x()), top(up, point.y()));
      command = "L";
    }
    svg.append("\"/>\n");
    for (Curve.Point point : points.size() > 30 ? List.<Curve.Point>of() : points) {
      append(
          svg,
          "<circle class=\"dot c%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n",
          c,
          left(across, point.x()),
          top(up, point.y()));
    }
  }

  private static double left(Axis axis, double value) {
    return LEFT + axis.share(value) * (RIGHT - LEFT);
  }

  private static double top(Axis axis, double value) {
    return BOTTOM - axis.share(value) * (BOTTOM - TOP);
  }

  private static void append(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }

  /** Text for XML, which has no place for most control characters, not even escaped. */
  static String escaped(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                default -> out.appendCodePoint(isXml(c) ? c : '?');
              }
            });
    return out.toString();
  }

  private static boolean isXml(int c) {
    boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    return c >= ' ' && !surrogate && c != 0xfffe && c != 0xffff;
  }
}
