package org.slmruntime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slmruntime.json.Json;
import org.slmruntime.tokenizer.regex.Regex;

/** Small tokenizers against what Hugging Face's library answers, see huggingface_answers.js. */
class HuggingFaceAnswersTest {
  private static final Map<String, Object> ANSWERS = answers();

  @TempDir Path folder;

  private static Map<String, Object> answers() {
    try (InputStream in =
        HuggingFaceAnswersTest.class.getResourceAsStream("huggingface_answers.json")) {
      return Json.parseObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Set<String> names() {
    return Json.asObject(ANSWERS.get("tokenizers"), "tokenizers").keySet();
  }

  @ParameterizedTest
  @MethodSource("names")
  void encodesAndDecodesAsTheLibraryDoes(String name) throws IOException {
    Map<String, Object> entry =
        Json.asObject(Json.asObject(ANSWERS.get("tokenizers"), "tokenizers").get(name), name);
    Path file = folder.resolve("tokenizer.json");
    Tokenizer tokenizer =
        Tokenizers.fromHuggingFace(Files.writeString(file, Json.write(entry.get("file"))));
    Json.asObject(entry.get("encoded"), "encoded")
        .forEach(
            (text, ids) ->
                assertArrayEquals(
                    ids(ids), tokenizer.encode(text, false, true), () -> shown(text)));
    for (Object decoded : Json.asArray(entry.get("decoded"), "decoded")) {
      Map<String, Object> c = Json.asObject(decoded, "a case");
      int[] ids = ids(c.get("ids"));
      assertEquals(c.get("text"), tokenizer.decode(ids), () -> shown(c.get("ids")));
    }
  }

  @Test
  void splitsAtPatternsAsTheLibraryDoes() {
    String text = Json.asString(ANSWERS.get("text"), "text");
    Json.asObject(ANSWERS.get("patterns"), "patterns")
        .forEach(
            (pattern, pieces) -> {
              PreTokenizer split =
                  PreTokenizer.pattern(
                      Regex.compile(pattern), PreTokenizer.Behaviour.ISOLATED, false);
              assertEquals(pieces, split.split(text, true), () -> shown(pattern));
            });
  }

  private static int[] ids(Object json) {
    return ((List<?>) json).stream().mapToInt(id -> ((Long) id).intValue()).toArray();
  }

  private static String shown(Object value) {
    return Json.write(value);
  }
}
