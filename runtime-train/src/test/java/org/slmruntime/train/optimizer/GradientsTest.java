package org.slmruntime.train.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slmruntime.graph.Weight;
import org.slmruntime.train.TrainException;

class GradientsTest {
  private static final Weight MATRIX = Weight.matrix("w", 1, 2);
  private static final Weight VECTOR = Weight.vector("b", 1);

  private final Gradients gradients = new Gradients(new LinkedHashSet<>(List.of(MATRIX, VECTOR)));

  private void set(float a, float b, float c) {
    gradients.of(MATRIX)[0] = a;
    gradients.of(MATRIX)[1] = b;
    gradients.of(VECTOR)[0] = c;
  }

  private void assertEqual(float a, float b, float c) {
    assertArrayEquals(new float[] {a, b}, gradients.of(MATRIX));
    assertArrayEquals(new float[] {c}, gradients.of(VECTOR));
  }

  @Test
  void clipsTheNormOfAllArraysTogether() {
    set(2, -3, 6);
    assertEquals(7, gradients.clip(3.5));
    assertEqual(1, -1.5f, 3);
  }

  @Test
  void leavesShorterOnesAlone() {
    set(2, -3, 6);
    assertEquals(7, gradients.clip(7));
    assertEqual(2, -3, 6);
  }

  @Test
  void normsThatOverflowFloatsAreStillClipped() {
    set(3e38f, 0, 0);
    assertEquals(3e38f, gradients.clip(1), 1e24);
    assertEqual(1, 0, 0);
  }

  @Test
  void scalesAndClears() {
    set(2, -3, 6);
    gradients.scale(0.5);
    assertEqual(1, -1.5f, 3);
    gradients.clear();
    assertEqual(0, 0, 0);
  }

  @Test
  void refusesGradientsThatAreNoNumbers() {
    set(1, Float.NaN, 0);
    assertThrows(TrainException.class, () -> gradients.clip(1));
    set(1, Float.POSITIVE_INFINITY, 0);
    assertThrows(TrainException.class, () -> gradients.clip(1));
    set(1, 1, 1);
    assertThrows(TrainException.class, () -> gradients.clip(0));
  }
}
