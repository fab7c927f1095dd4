package org.slmruntime.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelNameTest {
  @Test
  void hasAnOwnerARepositoryAndPerhapsAFile() {
    assertEquals(
        new ModelName("Owner_1", "My-Model.v2", Optional.empty()),
        ModelName.of("Owner_1/My-Model.v2"));
    assertEquals(
        new ModelName("o", "r", Optional.of("a/b:c.gguf")), ModelName.of("o/r:a/b:c.gguf"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"o/r", "o/r:Q4_K_M", "owner/repo.x:folder/file.gguf"})
  void isWrittenAsItIsRead(String text) {
    assertEquals(text, ModelName.of(text).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "model",
        "/r",
        "o/",
        "o/r/f",
        "o/r:",
        "o/r:../x",
        "o/r:/x",
        "o/r:a\\b",
        "../r",
        "o/..",
        "o/.r",
        "-o/r",
        "o/r-",
        "o/a--b",
        "o/a..b",
        "o/r.git",
        "o:x/r",
        "o/r s",
        "o/r\n",
        "https://huggingface.co/o/r",
        "ö/r"
      })
  void refusesWhatIsNoName(String text) {
    assertEquals(Optional.empty(), ModelName.parse(text));
    HubException e = assertThrows(HubException.class, () -> ModelName.of(text));
    assertTrue(e.getMessage().contains("owner/repo"), e.getMessage());
  }

  @Test
  void refusesANameThatIsTooLong() {
    assertTrue(ModelName.parse("o/" + "r".repeat(96)).isPresent());
    assertTrue(ModelName.parse("o/" + "r".repeat(97)).isEmpty());
  }

  @Test
  void refusesPartsThatWouldLeaveTheCache() {
    assertThrows(HubException.class, () -> new ModelName("..", "r", Optional.empty()));
    assertThrows(HubException.class, () -> new ModelName("o", "a/b", Optional.empty()));
    assertThrows(HubException.class, () -> new ModelName("o", "r", Optional.of("../x")));
  }
}
