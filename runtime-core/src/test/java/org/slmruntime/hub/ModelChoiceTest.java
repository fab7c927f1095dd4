package org.slmruntime.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which file is meant. */
class ModelChoiceTest {
  private static final List<String> SPLIT =
      List.of("m-Q8_0-00001-of-00002.gguf", "m-Q8_0-00002-of-00002.gguf");

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  /** The choice, whatever the order of the files. */
  private Optional<ModelChoice> find(String file, List<String> paths) {
    List<String> mixed = new ArrayList<>(paths);
    Collections.shuffle(mixed, new Random(seed));
    return ModelChoice.find(ModelName.of("o/r" + (file.isEmpty() ? "" : ":" + file)), mixed);
  }

  private List<String> files(String file, String... paths) {
    return find(file, List.of(paths)).orElseThrow(() -> new AssertionError("seed " + seed)).files();
  }

  private void isAmbiguous(String file, List<String> paths, String... candidates) {
    HubException e = assertThrows(HubException.class, () -> find(file, paths));
    for (String candidate : candidates) {
      assertTrue(e.getMessage().contains('"' + candidate + '"'), e.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Llama-3.2-1B-Instruct-Q4_K_M, Q4_K_M",
    "tinyllama.q4_k_s, Q4_K_S",
    "model_Q8_0, Q8_0",
    "folder-Q2_K/model-IQ4_XS, IQ4_XS",
    "Qwen3-0.6B-UD-Q4_K_XL, Q4_K_XL",
    "phi-bf16, BF16",
    "model-f16, F16",
    "gpt-oss-MXFP4, MXFP4",
    "bitnet-TQ2_0, TQ2_0",
    "Q8_0-of-Q4_0, Q4_0",
    "q1000-model, ",
    "model, ",
    "suff16, "
  })
  void readsTheQuantizationFromTheName(String name, String expected) {
    GgufModel model = new GgufModel(name, List.of(name + ".gguf"));
    assertEquals(Optional.ofNullable(expected), model.quantization());
  }

  @Test
  void takesTheOnlyModel() {
    List<String> paths = List.of("README.md", "x.gguf", "mmproj-x-F16.gguf", "x.imatrix.gguf");
    ModelChoice choice = find("", paths).orElseThrow();
    assertEquals(new ModelChoice(List.of("x.gguf"), Optional.empty()), choice);
  }

  @Test
  void prefersWhatIsSmallWithoutMuchLossAndSaysSo() {
    List<String> paths = List.of("m-F16.gguf", "m-Q8_0.gguf", "m-q4_k_m.gguf", "m-Q2_K.gguf");
    ModelChoice choice = find("", paths).orElseThrow();
    assertEquals(List.of("m-q4_k_m.gguf"), choice.files(), "seed " + seed);
    String note = choice.note().orElseThrow();
    assertTrue(paths.stream().allMatch(note::contains), note);
    assertEquals(List.of("m-Q8_0.gguf"), files("", "m-F16.gguf", "m-Q8_0.gguf", "m-Q2_K.gguf"));
  }

  @Test
  void doesNotGuess() {
    isAmbiguous("", List.of("a-Q8_0.gguf", "b-Q8_0.gguf"), "a-Q8_0.gguf", "b-Q8_0.gguf");
    isAmbiguous("", List.of("a.gguf", "b.gguf"), "a.gguf", "b.gguf");
    isAmbiguous("q8_0", List.of("a-Q8_0.gguf", "b-Q8_0.gguf"), "a-Q8_0.gguf", "b-Q8_0.gguf");
  }

  @Test
  void takesAFileByItsPath() {
    assertEquals(List.of("x/a.gguf"), files("x/a.gguf", "x/a.gguf", "y/a.gguf"));
    assertEquals(List.of("tokenizer.json"), files("tokenizer.json", "tokenizer.json", "a.gguf"));
    assertEquals(List.of("mmproj-F16.gguf"), files("mmproj-F16.gguf", "mmproj-F16.gguf", "a.gguf"));
  }

  @Test
  void takesAQuantizationInAnyCase() {
    assertEquals(List.of("m-Q4_K_M.gguf"), files("q4_k_m", "m-Q4_K_M.gguf", "m-Q4_K_S.gguf"));
    assertEquals(List.of("m-Q4_K.gguf"), files("Q4_K", "m-Q4_K_M.gguf", "m-Q4_K.gguf"));
    assertEquals(
        List.of("m-UD-Q4_K_XL.gguf"), files("UD-Q4_K_XL", "m-UD-Q4_K_XL.gguf", "m-Q4_K_M.gguf"));
  }

  @Test
  void findsNothingWhereThereIsNothing() {
    for (String file : List.of("Q4_K", "M", "gguf", "m-Q4_K_M", "absent.gguf")) {
      boolean called = file.equals("m-Q4_K_M");
      assertEquals(called, find(file, List.of("m-Q4_K_M.gguf", "a.json")).isPresent(), file);
    }
    assertEquals(Optional.empty(), find("", List.of("a.json", "b.safetensors")));
  }

  @Test
  void takesASplitModelWhole() {
    assertEquals(SPLIT, find("", SPLIT).orElseThrow().files());
    assertEquals(SPLIT, find("Q8_0", SPLIT).orElseThrow().files());
    assertEquals(SPLIT, find(SPLIT.get(1), SPLIT).orElseThrow().files());
  }

  @Test
  void doesNotTakeASplitModelWithoutAllItsParts() {
    for (String part : SPLIT) {
      assertEquals(Optional.empty(), find("", List.of(part)));
      assertEquals(Optional.empty(), find(part, List.of(part)));
      String message = ModelChoice.nothing(ModelName.of("o/r"), List.of(part)).getMessage();
      assertTrue(message.contains("parts of its split GGUF file are missing"), message);
    }
    List<String> odd =
        List.of("m-00001-of-00003.gguf", "m-00003-of-00003.gguf", "n-00000-of-00000.gguf");
    assertEquals(Optional.empty(), find("", odd));
    List<String> fromZero = List.of("m-00000-of-00002.gguf", "m-00002-of-00002.gguf");
    assertEquals(Optional.empty(), find("", fromZero));
  }

  @Test
  void refusesWeightsInOtherContainers() {
    for (String file : List.of("model.safetensors", "pytorch_model.BIN", "a/b.pt")) {
      HubException e = assertThrows(HubException.class, () -> find(file, List.of(file)));
      assertTrue(e.getMessage().contains("GGUF files only"), e.getMessage());
    }
  }

  @Test
  void namesNoMoreCandidatesThanAMessageHolds() {
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      many.add("m" + i + "-" + "x".repeat(500) + ".gguf");
    }
    HubException e = assertThrows(HubException.class, () -> find("", many));
    assertTrue(e.getMessage().length() < 5000 && e.getMessage().contains("and 980 more"));
  }
}
