package org.slmruntime.backend.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.slmruntime.tensor.DType;

class StepInputTest {
  private static final int VOCABULARY = 100;

  private final PlanOptions limits =
      new PlanOptions(8, 2, 3, 10, 4, DType.F32, ValueObserver.NONE, ProgressListener.NONE);

  @Test
  void holdsARaggedBatch() {
    StepInput input = new StepInput();
    input.beginSequence(new int[] {7, 3}, 2);
    input.addToken(11, 5, false);
    input.addToken(12, 6, true);
    input.beginSequence(new int[] {9}, 1);
    input.addToken(13, 0, true);
    input.check(limits, VOCABULARY);
    assertEquals(3, input.tokenCount());
    assertEquals(2, input.sequenceCount());
    assertEquals(2, input.outputCount());
    assertEquals(1, input.outputToken(0));
    assertEquals(1, input.sequence(2));
    assertEquals(3, input.block(0, 6, 4));
  }

  @Test
  void growsAndIsReusable() {
    StepInput input = new StepInput();
    for (int round = 0; round < 2; round++) {
      input.clear();
      for (int s = 0; s < 50; s++) {
        input.beginSequence(new int[] {s}, 1);
        for (int t = 0; t < 20; t++) {
          input.addToken(s * 20 + t, t, true);
        }
      }
      assertEquals(1000, input.tokenCount());
      assertEquals(1000, input.outputCount());
      assertEquals(999, input.token(999));
      assertEquals(49, input.sequence(999));
    }
  }

  @Test
  void refusesWhatKernelsMustNotSee() {
    refused("token id", in -> in.addToken(VOCABULARY, 0, false));
    refused("token id", in -> in.addToken(-1, 0, false));
    refused("position", in -> in.addToken(1, 8, false));
    refused("position", in -> in.addToken(1, -1, false));
    refused(
        "consecutive",
        in -> {
          in.addToken(1, 0, false);
          in.addToken(1, 2, false);
        });
    refused(
        "tokens",
        in -> {
          for (int i = 0; i < 9; i++) {
            in.addToken(1, i, false);
          }
        });
    refused(
        "output rows",
        in -> {
          for (int i = 0; i < 4; i++) {
            in.addToken(1, i, true);
          }
        });
    refused(
        "block id",
        in -> {
          in.beginSequence(new int[] {10}, 1);
          in.addToken(1, 0, false);
        });
    refused(
        "block count",
        in -> {
          in.beginSequence(new int[] {1}, 2);
          in.addToken(1, 0, false);
        });
    refused("tokens", in -> {});
  }

  private void refused(String what, Consumer<StepInput> fill) {
    StepInput input = new StepInput();
    input.beginSequence(new int[] {0, 1}, 2);
    fill.accept(input);
    BackendException e =
        assertThrows(BackendException.class, () -> input.check(limits, VOCABULARY));
    assertTrue(e.getMessage().contains(what), e.getMessage());
  }
}
