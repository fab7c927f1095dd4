package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParityCommandTest {
  @TempDir static Path folder;
  private static Path model;

  @BeforeAll
  static void writeModel() {
    model = TinyModel.write(folder);
  }

  @Test
  void findsABackendEqualToItself() {
    Outcome run =
        Outcome.of("parity", model, "--backends", "reference,reference", "--tolerance", 0)
            .succeeded();
    assertTrue(run.out().contains("reference against reference"), run::toString);
    assertTrue(run.out().contains("layer 0    0.00 at "), run::toString);
    assertTrue(run.out().contains("layer 1    0.00 at "), run::toString);
    assertTrue(run.out().contains("agrees within 0.0"), run::toString);
  }

  @Test
  void findsTheVectorBackendCloseButNotEqual() {
    assumeTrue(Vectors.PRESENT, "no Vector API in this run");
    Outcome close = Outcome.of("parity", model, "--backends", "reference,cpu").succeeded();
    assertTrue(close.out().contains("cpu against reference"), close::toString);
    Outcome equal =
        Outcome.of("parity", model, "--backends", "reference,cpu", "--tolerance", 0, "-q");
    assertEquals(1, equal.code(), equal::toString);
    assertTrue(equal.out().contains("first parts at "), equal::toString);
    assertEquals("", equal.err());
  }

  @Test
  void takesTheGivenIds() {
    Outcome.of("parity", model, "--backends", "reference,reference", "--ids", "1,2,3").succeeded();
    Outcome.of("parity", model, "--backends", "reference,reference", "--ids", "1,5000", "-q")
        .failedWith(1, "token id", "5000");
    Outcome.of("parity", model, "--backends", "reference,reference", "--ids", "1,2,3", "--ctx", 2)
        .failedWith(1, "3 token ids", "context of 2");
  }

  @Test
  void refusesBackendsThatCannotBeCompared() {
    Outcome.of("parity", model, "--backends", "reference").failedWith(2, "--backends");
    Outcome.of("parity", model, "--backends", "reference,tpu").failedWith(2, "\"tpu\"");
    Outcome.of("parity", model, "--backend", "cpu").failedWith(2, "--backends");
    Outcome.of("parity", model, "--tolerance", "NaN").failedWith(2, "--tolerance");
    Outcome.of("parity", model, "--backends", "reference,cuda", "-q").failedWith(1, "cuda");
  }
}
