package org.slmruntime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.json.Json;
import org.slmruntime.testing.SharedData;

/** Our ids beside those of Hugging Face's library (shared/tokenizers). */
class TokenizerFixturesTest {
  private record Case(String text, int[] ids) {}

  @ParameterizedTest
  @ValueSource(strings = {"gemma2", "llama3_2", "qwen2_5"})
  void encodesAndDecodesEveryCaseExactly(String name) throws IOException {
    Path folder = SharedData.require("tokenizers/" + name);
    Tokenizer tokenizer = Tokenizers.fromHuggingFace(folder.resolve("tokenizer.json"));
    List<Case> cases = cases(folder);
    assertFalse(cases.isEmpty());
    for (Case c : cases) {
      assertArrayEquals(c.ids, tokenizer.encode(c.text, false, true), () -> shown(c.text));
      String text = withoutControlTokens(tokenizer, c);
      assertEquals(decoded(name, text), tokenizer.decode(c.ids), () -> shown(c.text));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gemma2", "llama3_2"})
  void beginsWithBosWhereTheModelWantsIt(String name) {
    Path folder = SharedData.require("tokenizers/" + name);
    Tokenizer tokenizer = Tokenizers.fromHuggingFace(folder.resolve("tokenizer.json"));
    int bos = tokenizer.bosId().orElseThrow();
    int[] ids = tokenizer.encode("Hello world", true, false);
    assertEquals(bos, ids[0]);
    assertEquals("Hello world", tokenizer.decode(ids));
  }

  private static String withoutControlTokens(Tokenizer tokenizer, Case c) {
    String text = c.text;
    for (int id : c.ids) {
      if (tokenizer.isControl(id)) {
        text = text.replace(tokenizer.tokenText(id), "");
      }
    }
    return text;
  }

  /** Qwen composes text to NFC before it is split, which decoding cannot undo. */
  private static String decoded(String name, String text) {
    return name.equals("qwen2_5") ? Normalizer.normalize(text, Normalizer.Form.NFC) : text;
  }

  private static List<Case> cases(Path folder) throws IOException {
    Object json = Json.parse(Files.readString(folder.resolve("expected.json")));
    return Json.asArray(json, "expected").stream()
        .map(
            entry -> {
              Map<String, Object> c = Json.asObject(entry, "a case");
              int[] ids =
                  Json.asArray(c.get("ids"), "ids").stream()
                      .mapToInt(id -> ((Long) id).intValue())
                      .toArray();
              return new Case(Json.asString(c.get("text"), "text"), ids);
            })
        .toList();
  }

  private static String shown(String text) {
    return "text " + Json.write(text);
  }
}
