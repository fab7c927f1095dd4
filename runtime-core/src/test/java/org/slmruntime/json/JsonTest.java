package org.slmruntime.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void readsEveryKindOfValue() {
    Object value =
        Json.parse(
            " {\"a\": [1, -2.5, 1e3, true, false, null], \"b\\u00e9\\n\": {}, \"c\": \"\"} ");
    assertEquals(
        Map.of("a", Arrays.asList(1L, -2.5, 1000.0, true, false, null), "bé\n", Map.of(), "c", ""),
        value);
  }

  @Test
  void writesWhatItReads() {
    String text = "{\"a\":[1,2.5,\"x\\\"\\\\\\n\\u0001\"],\"b\":null}";
    assertEquals(text, Json.write(Json.parse(text)));
  }

  @Test
  void keepsIntegersOf64BitsAndTurnsLargerOnesIntoDoubles() {
    assertEquals(
        List.of(Long.MAX_VALUE, Long.MIN_VALUE, 9223372036854775808.0),
        Json.parse("[9223372036854775807,-9223372036854775808,9223372036854775808]"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[1,",
        "[1 2]",
        "{\"a\"}",
        "{a:1}",
        "01",
        "-",
        "1.",
        "1e",
        "tru",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "[1]]",
        "\"a\nb\"",
        "nullx",
        "{\"a\":1,}",
        "[,]"
      })
  void refusesMalformedTextWithItsOffset(String text) {
    JsonException e = assertThrows(JsonException.class, () -> Json.parse(text));
    assertTrue(e.getMessage().startsWith("JSON, offset "), e.getMessage());
  }

  @Test
  void refusesHostileNesting() {
    assertThrows(JsonException.class, () -> Json.parse("[".repeat(1_000_000)));
  }
}
