package org.slmruntime.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesTest {
  private static final JsonLines.Limits LIMITS = new JsonLines.Limits(20, 3, 60);

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("rows.jsonl");
  }

  private List<JsonLines.Row> read(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    return JsonLines.read(file, LIMITS, row -> row);
  }

  private List<JsonLines.Row> read(String text) throws IOException {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private void refuses(String text, String message) {
    JsonException e = assertThrows(JsonException.class, () -> read(text));
    assertEquals(file + message, e.getMessage());
  }

  @Test
  void readsAnObjectFromEachLineThatIsNotBlank() throws IOException {
    List<JsonLines.Row> rows = read("{\"a\": 1}\r\n\n \t\n{\"é\": [\"x\"]}\n{}");
    assertEquals(
        List.of(
            new JsonLines.Row(file + ", line 1", Map.of("a", 1L)),
            new JsonLines.Row(file + ", line 4", Map.of("é", List.of("x"))),
            new JsonLines.Row(file + ", line 5", Map.of())),
        rows);
    assertEquals(List.of("x"), rows.get(1).array("é"));
    assertEquals(List.of(), read("\n\n"));
    assertEquals(List.of(), read(""));
  }

  @Test
  void tellsOfAllBadRowsAndReadsTheOthers() throws IOException {
    Files.writeString(file, "{\"a\"}\n{}\n[1]\n");
    List<String> bad = new ArrayList<>();
    List<String> read =
        JsonLines.read(file, LIMITS, JsonLines.Row::source, e -> bad.add(e.getMessage()));
    assertEquals(List.of(file + ", line 2"), read);
    assertEquals(2, bad.size(), bad::toString);
    assertTrue(bad.getFirst().startsWith(file + ", line 1: JSON"), bad::toString);
    assertTrue(bad.getLast().startsWith(file + ", line 3: a row must be"), bad::toString);
  }

  @Test
  void countsBadRowsAsRows() throws IOException {
    Files.writeString(file, "1\n2\n3\n4\n");
    assertThrows(JsonException.class, () -> JsonLines.read(file, LIMITS, row -> row, _ -> {}));
  }

  @Test
  void namesTheLineThatIsMalformed() {
    refuses("{}\n\n{\"a\"}\n", ", line 3: JSON, offset 4: expected ':'");
    refuses("{}\n[1]\n", ", line 2: a row must be a JSON object but is an array");
  }

  @Test
  void namesTheLineOfAValueOfTheWrongKind() throws IOException {
    JsonLines.Row row = read("\n{\"a\": 1}").getFirst();
    JsonException e = assertThrows(JsonException.class, () -> row.string("a"));
    assertEquals(file + ", line 2: \"a\" must be a JSON string but is a number", e.getMessage());
    e = assertThrows(JsonException.class, () -> row.array("b"));
    assertEquals(file + ", line 2: \"b\" must be a JSON array but is null", e.getMessage());
    assertEquals(file + ", line 2: bad", row.error("bad").getMessage());
  }

  @Test
  void takesWhatIsJustWithinItsLimits() throws IOException {
    String longest = "{\"a\": \"" + "x".repeat(10) + "\" }";
    assertEquals(20, longest.length());
    assertEquals(2, read(longest + "\n" + longest + "\n" + " ".repeat(17) + "\n").size());
    assertEquals(3, read("{}\n{}\n{}\n\n").size());
  }

  @Test
  void refusesInputsBeyondItsLimits() {
    refuses("{}\n" + " ".repeat(21), ", line 2: longer than 20 bytes");
    refuses("{}\n{}\n{}\n{}\n", ", line 4: more than 3 rows");
    refuses(
        " ".repeat(20) + "\n" + " ".repeat(20) + "\n" + " ".repeat(19),
        ", line 3: the file is longer than 60 bytes");
    refuses("\n".repeat(61), ", line 61: the file is longer than 60 bytes");
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    byte[] bytes = {'{', '}', '\n', '{', '"', (byte) 0xe9, '"', '}'};
    JsonException e = assertThrows(JsonException.class, () -> read(bytes));
    assertEquals(file + ", line 2: is not UTF-8 text at byte 2", e.getMessage());
  }

  @Test
  void refusesFoldersAndFilesThatAreNotThere() {
    JsonException e =
        assertThrows(JsonException.class, () -> JsonLines.read(folder, LIMITS, row -> row));
    assertEquals(folder + ": is a folder, not a file of JSON lines", e.getMessage());
    assertThrows(NoSuchFileException.class, () -> JsonLines.read(file, LIMITS, row -> row));
  }
}
