package org.slmruntime.format.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slmruntime.format.FormatException;
import org.slmruntime.tensor.DType;

class SafetensorsFileTest {
  private static final String TWO =
      "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
          + "'b':{'dtype':'F16','shape':[1,2],'data_offsets':[8,12]}}";

  @TempDir Path folder;

  private Path write(String header, int data) throws IOException {
    byte[] text = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return write(text.length, text, data);
  }

  private Path write(long length, byte[] header, int data) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + data).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).put(header);
    return Files.write(folder.resolve("t.safetensors"), bytes.array());
  }

  private static String refusal(Path file) {
    String message =
        assertThrows(FormatException.class, () -> SafetensorsFile.open(file).close()).getMessage();
    assertTrue(message.startsWith(file.toString()), message);
    assertEquals(1, message.lines().count(), message);
    return message.substring(file.toString().length() + 2);
  }

  @Test
  void findsTensorsAndTextsWhereTheHeaderSays() throws IOException {
    String header =
        "{'__metadata__':{'format':'pt'},'half':{'dtype':'F16','shape':[2,1],'data_offsets':[8,12]},"
            + "'none':{'dtype':'F32','shape':[0,3],'data_offsets':[8,8]},"
            + "'two':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}   ";
    Path path = write(header, 12);
    byte[] bytes = Files.readAllBytes(path);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 8, 2.5f);
    bytes[bytes.length - 1] = 0x3c;
    Files.write(path, bytes);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertEquals("pt", file.metadata().requireString("format"));
      assertEquals(3, file.tensors().size());
      assertArrayEquals(new float[] {0, 2.5f}, file.tensor("two").orElseThrow().values());
      assertArrayEquals(new float[] {0, 1}, file.tensor("half").orElseThrow().values());
      assertEquals(List.of(1L, 2L), file.tensor("half").orElseThrow().dims());
      assertEquals(DType.F16, file.tensor("half").orElseThrow().type());
      assertArrayEquals(new float[0], file.tensor("none").orElseThrow().values());
      assertTrue(file.identity().isPresent());
      file.requireWhole();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[0,8]|[0,4]|of type F32 and shape [2] cannot lie at data_offsets [0, 4]",
        "[0,8]|[8,0]|of type F32 and shape [2] cannot lie at data_offsets [8, 0]",
        "[0,8]|[0,8,12]|has shape [2] and data_offsets [0, 8, 12]",
        "[0,8]|[-8,0]|must have whole numbers but has -8",
        "[0,8]|[0.0,8]|must have whole numbers but has 0.0",
        "[0,8]|[\"0\",8]|must have whole numbers but has a string",
        "[0,8]|8|must be a JSON array but is a number",
        "[8,12]|[4,8]|begins at data offset 4, within the one before that ends at 8",
        "\"F32\"|\"F31\"|unsupported type F31",
        "\"F32\"|null|must be a JSON string but is null",
        "[2]|[3]|shape [3] cannot lie at",
        "[2]|[1,1,1,1,2]|has shape [1, 1, 1, 1, 2]",
        "[2]|[4611686018427387904,4]|is too large",
        "[2]|[9223372036854775808]|must have whole numbers",
        "[8,12]|[9,13]|begins at data offset 9, after a gap at 8",
        "\"b\"|\"a\"|a key for the second time",
        "\"b\"|\"__metadata__\"|__metadata__: \"shape\" must be a JSON string but is an array",
        "}}|}|expected ','",
        "}}|}}}|unexpected text after the value",
      })
  void refusesAHeaderThatDoesNotDescribeTheFile(String from, String to, String problem)
      throws IOException {
    String header = TWO.replace('\'', '"');
    assertTrue(header.contains(from), from);
    int at = header.indexOf(from);
    String harmed = header.substring(0, at) + to + header.substring(at + from.length());
    String message = refusal(write(harmed, 12));
    assertTrue(message.contains(problem), message);
  }

  @Test
  void refusesBytesThatNoTensorHas() throws IOException {
    assertEquals("has 13 bytes of data but its tensors have 12", refusal(write(TWO, 13)));
    assertEquals("has 11 bytes of data but its tensors have 12", refusal(write(TWO, 11)));
    assertEquals("has 1 bytes of data but its tensors have 0", refusal(write("{}", 1)));
  }

  @Test
  void refusesImpossibleLengthsOfTheHeader() throws IOException {
    byte[] text = TWO.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    for (long length : new long[] {0, 1, text.length + 13, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
      String message = refusal(write(length, text, 12));
      assertTrue(message.contains("a header of " + Long.toUnsignedString(length)), message);
    }
    byte[] large = new byte[SafetensorsHeader.MAX_BYTES + 1];
    assertTrue(refusal(write(large.length, large, 0)).contains("at most 16777216 are read"));
  }

  @Test
  void refusesWhatIsNoSafetensorsFile() throws IOException {
    assertEquals("is a folder, not a safetensors file", refusal(folder));
    assertEquals("no such file", refusal(folder.resolve("absent")));
    assertEquals("the file is empty", refusal(Files.createFile(folder.resolve("empty"))));
    byte[] zip = "PK\3\4 a pickled checkpoint of pytorch".getBytes(StandardCharsets.UTF_8);
    assertTrue(refusal(Files.write(folder.resolve("z"), zip)).startsWith("not a safetensors"));
    byte[] invalid = {'{', (byte) 0xff, '}'};
    assertEquals("header is not UTF-8 text at byte 1", refusal(write(3, invalid, 0)));
  }
}
