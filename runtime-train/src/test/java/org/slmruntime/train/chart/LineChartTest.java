package org.slmruntime.train.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class LineChartTest {
  private static Curve curve(String name, int points) {
    return new Curve(
        name, IntStream.rangeClosed(1, points).mapToObj(i -> new Curve.Point(i, 4.0 / i)).toList());
  }

  private static Element parsed(LineChart chart) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    Document document =
        factory.newDocumentBuilder().parse(new InputSource(new StringReader(chart.svg())));
    return document.getDocumentElement();
  }

  private static List<Element> all(Element root, String tag, String style) {
    NodeList found = root.getElementsByTagName(tag);
    return IntStream.range(0, found.getLength())
        .mapToObj(i -> (Element) found.item(i))
        .filter(e -> e.getAttribute("class").equals(style))
        .toList();
  }

  @Test
  void drawsEachCurveInsideTheFrame() throws Exception {
    Element svg = parsed(new LineChart("t", "step", "loss", List.of(curve("a", 9), curve("b", 5))));
    for (String style : List.of("dot c0", "dot c1")) {
      List<Element> dots = all(svg, "circle", style);
      assertEquals(style.endsWith("0") ? 9 : 5, dots.size());
      double before = 0;
      for (Element dot : dots) {
        double x = Double.parseDouble(dot.getAttribute("cx"));
        double y = Double.parseDouble(dot.getAttribute("cy"));
        assertTrue(x > before && x <= 720 && y >= 0 && y <= 420, x + " " + y);
        before = x;
      }
      // Losses fall, and y counts from the top.
      assertTrue(
          Double.parseDouble(dots.getFirst().getAttribute("cy"))
              < Double.parseDouble(dots.getLast().getAttribute("cy")));
    }
  }

  @Test
  void escapesWhatOthersWrote() throws Exception {
    String title = "a<b>&\"c\" </title><script/> \u0007 \ud800 \u00e9";
    Element svg = parsed(new LineChart(title, "step", "loss", List.of(curve(title, 1))));
    assertEquals(0, svg.getElementsByTagName("script").getLength());
    String shown = svg.getElementsByTagName("title").item(0).getTextContent();
    assertEquals("a<b>&\"c\" </title><script/> ? ? \u00e9", shown);
  }

  @Test
  void staysSmallHoweverManyStepsThereAre() {
    String svg = new LineChart("t", "step", "loss", List.of(curve("a", 100_000))).svg();
    assertTrue(svg.length() < 20_000, () -> svg.length() + " characters");
  }

  @Test
  void keepsMeansWhereItThinsOut() {
    Curve thinned = curve("a", 4).thinned(3);
    assertEquals(2, thinned.points().size());
    assertEquals(new Curve.Point(1.5, 3), thinned.points().getFirst());
    assertEquals(3.5, thinned.points().getLast().x());
    assertEquals(7.0 / 6, thinned.points().getLast().y(), 1e-12);
  }

  @Test
  void drawsWithoutPointsAndLeavesOutWhatIsNoNumber() throws Exception {
    Curve none = new Curve("a", List.of(new Curve.Point(1, Double.NaN)));
    Element svg = parsed(new LineChart("t", "step", "loss", List.of(none)));
    assertEquals(0, svg.getElementsByTagName("circle").getLength());
    assertTrue(svg.getElementsByTagName("text").getLength() > 4);
  }

  @Test
  void refusesMoreCurvesThanColours() {
    List<Curve> five = Collections.nCopies(5, curve("a", 1));
    assertThrows(IllegalArgumentException.class, () -> new LineChart("t", "x", "y", five));
  }
}
