package org.slmruntime.cpu.packed.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.cpu.parallel.Team;

class PackedFileTest {
  private static final int PIECE = PieceSums.PIECE;

  @TempDir Path folder;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Team team = new Team(1 + random.nextInt(3));
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void close() {
    team.close();
    arena.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 64, 65535, 65536, 65537, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 65})
  void isReadAsItWasWritten(int bytes) throws IOException {
    MemorySegment data = data(bytes);
    PackedKey key = key(bytes);
    Path path = write(key, data);
    try (PackedFile file = open(path, key)) {
      assertEquals(-1, file.data().mismatch(data), "seed " + seed);
      assertEquals(0, file.data().address() % 64);
      file.requireWhole();
    }
  }

  @Test
  void holdsItsWeightsWhereAHugePageBegins() throws IOException {
    MemorySegment data = data(100);
    byte[] whole = Files.readAllBytes(write(key(100), data));
    MemorySegment there = MemorySegment.ofArray(whole).asSlice(2 << 20);
    assertEquals(-1, there.mismatch(data), "seed " + seed);
  }

  @Test
  void makesRoomForALongKey() throws IOException {
    MemorySegment data = data(64);
    PackedKey key = new PackedKey("weight\n".repeat(400_000), 64);
    try (PackedFile file = open(write(key, data), key)) {
      assertEquals(-1, file.data().mismatch(data), "seed " + seed);
    }
  }

  @Test
  void refusesAnyByteOfTheHeaderThatIsOther() throws IOException {
    PackedKey key = key(PIECE + 1);
    Path path = write(key, data(PIECE + 1));
    for (int at = 0; at < new PackedHeader(key).byteSize(); at++) {
      flip(path, at);
      assertTrue(refusal(path, key).contains("header"), "byte " + at);
      flip(path, at);
    }
    open(path, key).close();
  }

  @Test
  void refusesAnyByteOfTheWeightsThatIsOther() throws IOException {
    int bytes = PIECE + 70_000;
    PackedKey key = key(bytes);
    Path path = write(key, data(bytes));
    long start = new PackedHeader(key).dataOffset();
    for (int at : new int[] {0, 65536, PIECE - 1, PIECE, random.nextInt(bytes), bytes - 1}) {
      flip(path, start + at);
      assertTrue(refusal(path, key).contains("sums"), "byte " + at + ", seed " + seed);
      flip(path, start + at);
    }
    open(path, key).close();
  }

  @Test
  void refusesAFileOfAnotherLength() throws IOException {
    PackedKey key = key(1000);
    Path path = write(key, data(1000));
    long length = Files.size(path);
    for (long other : new long[] {0, 7, length - 1, length + 1}) {
      byte[] bytes = new byte[(int) other];
      Path copy = Files.write(folder.resolve("copy"), bytes);
      assertTrue(refusal(copy, key).contains(other + " bytes"), "length " + other);
    }
  }

  @Test
  void refusesTheFileOfAnotherKey() throws IOException {
    PackedKey key = key(1000);
    Path path = write(key, data(1000));
    PackedKey other = new PackedKey(key.text().replace('1', '2'), 1000);
    assertTrue(refusal(path, other).contains("header"));
  }

  @Test
  void noticesThatItWasCut() throws IOException {
    PackedKey key = key(5000);
    Path path = write(key, data(5000));
    try (PackedFile file = open(path, key);
        FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      long length = channel.size();
      channel.truncate(length - 1);
      BackendException e = assertThrows(BackendException.class, file::requireWhole);
      String expected = path + ": was cut from " + length + " to " + (length - 1) + " bytes";
      assertTrue(e.getMessage().startsWith(expected), e.getMessage());
    }
  }

  @Test
  void cannotBeReadOnceItIsClosed() throws IOException {
    PackedKey key = key(64);
    PackedFile file = open(write(key, data(64)), key);
    file.close();
    file.close();
    assertThrows(IllegalStateException.class, () -> file.data().get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void failsOnAFullDisk() {
    Path full = Path.of("/dev/full");
    IOException e =
        assertThrows(
            IOException.class,
            () -> PackedFile.write(full, key(64), data(64), team, ProgressListener.NONE));
    assertTrue(e.getMessage().contains("space"), e.getMessage());
  }

  private static PackedKey key(int bytes) {
    return new PackedKey("layout 1\nmodel.gguf\nw 8x32 Q4_0", bytes);
  }

  private MemorySegment data(int bytes) {
    byte[] values = new byte[bytes];
    random.nextBytes(values);
    return arena.allocate(bytes, 64).copyFrom(MemorySegment.ofArray(values));
  }

  private Path write(PackedKey key, MemorySegment data) throws IOException {
    Path path = Files.createFile(folder.resolve("weights"));
    PackedFile.write(path, key, data, team, ProgressListener.NONE);
    return path;
  }

  private PackedFile open(Path path, PackedKey key) throws IOException {
    return PackedFile.open(path, key, team, ProgressListener.NONE);
  }

  private String refusal(Path path, PackedKey key) {
    return assertThrows(IOException.class, () -> open(path, key).close()).getMessage();
  }

  private static void flip(Path path, long at) throws IOException {
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, at);
      one.put(0, (byte) (one.get(0) ^ 0x10)).flip();
      channel.write(one, at);
    }
  }
}
