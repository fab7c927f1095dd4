package org.slmruntime.format.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.tensor.DType;

class SafetensorsFuzzTest {
  private static final int MUTANTS = 1500;
  private static final List<String> ODD =
      List.of("0", "-1", "9", "1e3", "9223372036854775807", "{", "]", "null", "\"", "\\u0000", "é");

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());

  @TempDir Path folder;

  @Test
  void opensOrRefusesEveryMutant() throws IOException {
    Path path = folder.resolve("seed.safetensors");
    new SafetensorsWriter()
        .put("format", "pt")
        .add("wide", DType.F32, List.of(2L, 3L), new float[6])
        .add("long", DType.F16, List.of(5L), new float[5])
        .add("one", DType.BF16, List.of(), new float[1])
        .write(path);
    byte[] original = Files.readAllBytes(path);
    int accepted = 0;
    Path mutant = folder.resolve("mutant.safetensors");
    for (int i = 0; i < MUTANTS; i++) {
      Files.write(mutant, mutate(original, new Random(seed + i)));
      accepted += opens(mutant, "seed " + (seed + i)) ? 1 : 0;
    }
    assertTrue(accepted > 0 && accepted < MUTANTS * 9 / 10, accepted + " accepted, seed " + seed);
  }

  private static boolean opens(Path path, String hint) {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      for (StoredTensor tensor : file.tensors()) {
        assertEquals(tensor.type().byteSize(tensor.elements()), tensor.data().byteSize(), hint);
        assertEquals(tensor.elements(), tensor.values().length, hint);
      }
      return true;
    } catch (FormatException e) {
      assertTrue(e.getMessage().startsWith(path.toString()), hint);
      assertEquals(1, e.getMessage().lines().count(), hint + ": " + e.getMessage());
      return false;
    }
  }

  private static byte[] mutate(byte[] original, Random random) {
    byte[] bytes = original.clone();
    for (int harms = 1 + random.nextInt(2); harms > 0 && bytes.length > 1; harms--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes = Arrays.copyOf(bytes, at);
        case 2 -> bytes[at] = bytes[random.nextInt(bytes.length)];
        default -> bytes = overwrite(bytes, at, ODD.get(random.nextInt(ODD.size())));
      }
    }
    return bytes;
  }

  private static byte[] overwrite(byte[] bytes, int at, String text) {
    byte[] odd = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(odd, 0, bytes, at, Math.min(odd.length, bytes.length - at));
    return bytes;
  }
}
