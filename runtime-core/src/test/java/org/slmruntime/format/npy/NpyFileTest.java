package org.slmruntime.format.npy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.format.FormatException;

class NpyFileTest {
  @TempDir Path folder;

  @Test
  void readsTheMatrixItWrites() {
    Path path = folder.resolve("m.npy");
    try (NpyFile.MatrixWriter writer = new NpyFile.MatrixWriter(path, 2, 3)) {
      writer.writeRow(new float[] {1, 2, 3}, 0);
      writer.writeRow(new float[] {9, -4, 0.5f, Float.NaN}, 1);
    }
    NpyFile file = NpyFile.read(path);
    assertArrayEquals(new int[] {2, 3}, file.shape());
    assertArrayEquals(new double[] {1, 2, 3, -4, 0.5, Double.NaN}, file.values());
  }

  @Test
  void alignsTheDataOfAMatrixAsNumpyDoes() throws IOException {
    Path path = folder.resolve("m.npy");
    new NpyFile.MatrixWriter(path, 0, 3).close();
    assertEquals(0, Files.size(path) % 64);
  }

  @ParameterizedTest
  @ValueSource(strings = {"<f4", "<f8", "<i4", "<i8"})
  void readsEveryElementTypeAndRank(String type) throws IOException {
    ByteBuffer data = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case "<f4" -> data.putFloat(-2);
      case "<f8" -> data.putDouble(-2);
      case "<i4" -> data.putInt(-2);
      default -> data.putLong(-2);
    }
    for (String shape : new String[] {"()", "(1,)", "(1, 1, 1)"}) {
      NpyFile file = NpyFile.read(npy(type, "False", shape, data.array()));
      assertArrayEquals(new double[] {-2}, file.values());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"(5,)", "(99999999999,)", "(2147483647, 2147483647, 2147483647)", "(-1,)", "(1"})
  void refusesImpossibleShapes(String shape) throws IOException {
    Path path = npy("<f4", "False", shape, new byte[16]);
    assertThrows(FormatException.class, () -> NpyFile.read(path));
  }

  @Test
  void refusesOtherTypesOrdersAndFiles() throws IOException {
    Path type = npy("<U4", "False", "(1,)", new byte[16]);
    assertThrows(FormatException.class, () -> NpyFile.read(type));
    Path order = npy("<f4", "True", "(1,)", new byte[16]);
    assertThrows(FormatException.class, () -> NpyFile.read(order));
    Path text = Files.writeString(folder.resolve("t"), "no numpy file, only text");
    assertThrows(FormatException.class, () -> NpyFile.read(text));
    assertThrows(FormatException.class, () -> NpyFile.read(folder.resolve("none")));
    byte[] whole = Files.readAllBytes(npy("<f4", "False", "(4,)", new byte[16]));
    for (int n = 0; n < whole.length; n++) {
      Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, n));
      assertThrows(FormatException.class, () -> NpyFile.read(cut));
    }
  }

  private Path npy(String type, String fortran, String shape, byte[] data) throws IOException {
    String header =
        "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + header.length() + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    bytes.putShort((short) header.length());
    bytes.put(header.getBytes(StandardCharsets.ISO_8859_1)).put(data);
    Path path = folder.resolve("x.npy");
    return Files.write(path, bytes.array());
  }
}
