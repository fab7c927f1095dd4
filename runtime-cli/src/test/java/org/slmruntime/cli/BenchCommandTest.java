package org.slmruntime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slmruntime.json.Json;

class BenchCommandTest {
  @TempDir static Path folder;
  private static Path model;

  @BeforeAll
  static void writeModel() {
    model = TinyModel.write(folder);
  }

  @Test
  void printsOneJsonObjectWithBothSpeeds() {
    Outcome run =
        Outcome.of("bench", model, "-p", 4, "-n", 3, "-b", 2, "--depth", 5, "--json").succeeded();
    Map<String, Object> result = Json.parseObject(run.out());
    assertTrue(number(result, "prefill_tokens_per_second") > 0, run::toString);
    assertTrue(number(result, "decode_tokens_per_second") > 0, run::toString);
    assertEquals(4, number(result, "prompt_tokens"));
    assertEquals(3, number(result, "decode_tokens"));
    assertEquals(2, number(result, "batch"));
    assertEquals(5, number(result, "depth"));
  }

  @Test
  void printsBothSpeedsForPeople() {
    Outcome run = Outcome.of("bench", model, "-p", 4, "-n", 3, "--repeat", 1).succeeded();
    assertTrue(run.out().matches("(?s)prefill 4: [0-9.]+ tokens/s\\R.*"), run::toString);
    assertTrue(run.out().matches("(?s).*decode 3 x 1: [0-9.]+ tokens/s\\R"), run::toString);
  }

  @Test
  void measuresOnlyWhatIsAskedFor() {
    Outcome run = Outcome.of("bench", model, "-p", 4, "-n", 0, "--json").succeeded();
    assertEquals(0, number(Json.parseObject(run.out()), "decode_tokens_per_second"));
    String prefill = Outcome.of("bench", model, "-p", 4, "-n", 0, "--repeat", 1).succeeded().out();
    assertTrue(prefill.startsWith("prefill 4: ") && !prefill.contains("decode"), prefill);
    String decode = Outcome.of("bench", model, "-p", 0, "-n", 4, "--repeat", 1).succeeded().out();
    assertTrue(decode.startsWith("decode 4 x 1: ") && !decode.contains("prefill"), decode);
    Outcome.of("bench", model, "-p", 0, "-n", 0).failedWith(2, "nothing to measure");
  }

  @Test
  void measuresForEachLineOnceItIsReady() {
    Object[] prefill = {"bench", model, "-p", 4, "-n", 0, "--on-request", "--repeat", 1};
    String text = Outcome.withInput("\n\n", prefill).succeeded().out();
    assertTrue(text.matches("ready\\R(prefill 4: [0-9.]+ tokens/s\\R){2}"), text);
    Object[] json = {"bench", model, "-p", 0, "-n", 3, "--on-request", "--repeat", 2, "--json"};
    List<String> lines = Outcome.withInput("go\n", json).succeeded().out().lines().toList();
    assertEquals(2, lines.size(), lines::toString);
    assertEquals(Map.of("ready", true), Json.parseObject(lines.getFirst()));
    Map<String, Object> result = Json.parseObject(lines.getLast());
    assertTrue(number(result, "decode_tokens_per_second") > 0, lines::toString);
    assertEquals(2, number(result, "repeat"));
  }

  @Test
  void measuresNothingWithoutARequest() {
    Outcome run = Outcome.of("bench", model, "-p", 4, "-n", 3, "--on-request").succeeded();
    assertEquals("ready", run.out().strip());
  }

  @Test
  void refusesAContextThatIsTooShortForTheSizes() {
    Outcome.of("bench", model, "-p", 10, "-n", 4, "--depth", 5, "--ctx", 15)
        .failedWith(2, "--ctx", "at least 16", "15");
  }

  @ParameterizedTest
  @CsvSource({"-p, -1", "-n, -1", "-b, 0", "--depth, -1", "--repeat, 0", "-p, 2000000000"})
  void refusesSizesOutOfRange(String option, String value) {
    Outcome.of("bench", model, option, value).failedWith(2, option, value);
  }

  private static double number(Map<String, Object> object, String key) {
    return ((Number) object.get(key)).doubleValue();
  }
}
