package org.slmruntime.gpuparity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.tensor.DType;

/** Whole models through the command, on the processor. */
class ModelsTest {
  @TempDir Path folder;

  @Test
  void measuresAModelAndLeavesOnlyWhatItFoundSoFar() throws IOException {
    ModelBench.Model small = new ModelBench.Model(ModelShape.SMALL, DType.Q4_K);
    SectionResult result = new ModelBench(folder, "cpu").run(List.of(small), 4, 2);
    assertTrue(result.passed(), () -> Report.markdown(List.of(result)));
    assertEquals(3, result.rows().size());
    assertEquals("small Q4_K", result.rows().getFirst().get("model"));
    assertTrue(Double.parseDouble(result.rows().getFirst().get("decode tok/s").toString()) > 0);
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(SectionResult.file(folder, "models")), left.toList());
    }
    SectionResult soFar = SectionResult.read(SectionResult.file(folder, "models"));
    assertFalse(soFar.passed());
    assertEquals("cut off after " + result.summary(), soFar.summary());
    assertEquals(result.rows().size(), soFar.rows().size());
  }

  @Test
  void saysWhyAModelDidNotRun() {
    ModelBench.Model small = new ModelBench.Model(ModelShape.SMALL, DType.Q8_0);
    SectionResult result = new ModelBench(folder, "no-such-backend").run(List.of(small), 4, 2);
    assertFalse(result.passed());
    String told = result.rows().getFirst().get("backend").toString();
    assertTrue(told.contains("no backend \"no-such-backend\""), told);
  }

  @Test
  void holdsModelsAgainstTheReference() throws IOException {
    Path models = Files.createDirectory(folder.resolve("models"));
    ModelShape.SMALL.write(models.resolve("one.gguf"), DType.Q8_0);
    SectionResult result = ModelParity.run(models, folder, "cpu");
    assertTrue(result.passed(), () -> Report.markdown(List.of(result)));
    assertEquals(1, result.rows().size());
  }

  @Test
  void doesNotPassWithoutAnyModel() {
    assertFalse(ModelParity.run(folder, folder, "cpu").passed());
  }
}
