package org.slmruntime.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the environment says. */
class HubSettingsTest {
  @TempDir Path home;

  private HubSettings settings(String... pairs) {
    Map<String, String> environment = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      environment.put(pairs[i], pairs[i + 1]);
    }
    return HubSettings.fromEnvironment(environment, home);
  }

  @Test
  void withoutVariablesIsAsHuggingFacesToolsHaveIt() {
    HubSettings settings = settings("HF_TOKEN", " ", "HF_ENDPOINT", "");
    assertEquals(URI.create("https://huggingface.co"), settings.endpoint());
    assertEquals(home.resolve(".cache/huggingface/hub"), settings.cache());
    assertEquals(Optional.empty(), settings.token());
    assertFalse(settings.offline());
  }

  @Test
  void theMostParticularVariableNamesTheCache() {
    assertEquals(Path.of("/xdg/huggingface/hub"), settings("XDG_CACHE_HOME", "/xdg").cache());
    assertEquals(Path.of("/hf/hub"), settings("XDG_CACHE_HOME", "/xdg", "HF_HOME", "/hf").cache());
    assertEquals(Path.of("/hub"), settings("HF_HOME", "/hf", "HF_HUB_CACHE", "/hub").cache());
    assertEquals(home.resolve("a/b"), settings("HF_HUB_CACHE", "~/a/b").cache());
    assertEquals(home.resolve("hub"), settings("HF_HOME", "~").cache());
  }

  @Test
  void theTokenIsInAVariableOrAFile() throws IOException {
    Path file = home.resolve(".cache/huggingface/token");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "hf_file\n");
    assertEquals("Bearer hf_file", authorization());
    assertEquals("Bearer hf_variable", authorization("HF_TOKEN", "hf_variable\n"));
    Path other = Files.writeString(home.resolve("other"), "hf_other");
    assertEquals("Bearer hf_other", authorization("HF_TOKEN_PATH", other.toString()));
    Files.writeString(file, "\n");
    assertEquals(Optional.empty(), settings().token());
  }

  private String authorization(String... pairs) {
    return settings(pairs).token().orElseThrow().authorization();
  }

  @Test
  void theTokenIsNeverShown() {
    assertFalse(settings("HF_TOKEN", "hf_secret").toString().contains("hf_secret"));
    for (String token :
        new String[] {"hf secret", "hf_s\u00e9cret", "hf\nsecret", "s".repeat(5000)}) {
      HubException e = assertThrows(HubException.class, () -> settings("HF_TOKEN", token));
      assertTrue(e.getMessage().contains("" + token.length()), e.getMessage());
      assertFalse(e.getMessage().contains("cret") || e.getMessage().contains("sss"));
    }
  }

  @Test
  void aTokenFileThatCannotBeReadIsNamed() throws IOException {
    Files.createDirectories(home.resolve("token"));
    HubException e = assertThrows(HubException.class, () -> settings("HF_HOME", home.toString()));
    assertTrue(e.getMessage().contains(home.resolve("token").toString()), e.getMessage());
  }

  @Test
  void anEndpointMayHaveAPath() {
    assertEquals(
        URI.create("http://mirror.example/hf"),
        settings("HF_ENDPOINT", "http://mirror.example/hf//").endpoint());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "huggingface.co",
        "ftp://huggingface.co",
        "https://user:secret@huggingface.co",
        "https://huggingface.co/?token=secret",
        "https://huggingface.co/#secret",
        "https://",
        "https://huggingface.co:0",
        "not an address"
      })
  void refusesAnEndpointThatIsNone(String endpoint) {
    HubException e = assertThrows(HubException.class, () -> settings("HF_ENDPOINT", endpoint));
    assertTrue(e.getMessage().contains("https://huggingface.co"), e.getMessage());
    assertFalse(e.getMessage().contains("secret"), e.getMessage());
  }

  @Test
  void offlineIsSaidInSeveralWays() {
    for (String yes : new String[] {"1", "true", "YES", "On"}) {
      assertTrue(settings("HF_HUB_OFFLINE", yes).offline(), yes);
    }
    for (String no : new String[] {"0", "false", ""}) {
      assertFalse(settings("HF_HUB_OFFLINE", no).offline(), no);
    }
  }
}
