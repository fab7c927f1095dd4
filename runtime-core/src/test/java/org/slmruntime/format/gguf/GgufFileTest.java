package org.slmruntime.format.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.tensor.DType;

class GgufFileTest {
  private static final int U32 = 4;
  private static final int F32 = 0;

  @TempDir Path folder;

  private void refuses(GgufBytes bytes, String... parts) {
    Path file = bytes.write(folder.resolve("bad.gguf"));
    FormatException e = assertThrows(FormatException.class, () -> GgufFile.open(file).close());
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), () -> e.getMessage() + " lacks " + part);
    }
  }

  private GgufFile open(GgufBytes bytes) {
    return GgufFile.open(bytes.write(folder.resolve("good.gguf")));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void readsVersionsTwoAndThree(int version) {
    GgufBytes bytes = GgufBytes.header(version, 1, 1).key("a", U32).i32(-1);
    try (GgufFile file = open(bytes.tensor("t", F32, 0, 3, 2).data(32, 24))) {
      assertEquals(version, file.version());
      assertEquals(0xffffffffL, file.metadata().integer("a").orElseThrow());
      StoredTensor tensor = file.tensor("t").orElseThrow();
      assertEquals(List.of(3L, 2L), tensor.dims());
      assertEquals(24, tensor.data().byteSize());
      assertEquals(96, file.location("t").offset());
      assertEquals(96, file.dataOffset());
      assertEquals(32, file.alignment());
      assertEquals(120, file.fileBytes());
    }
  }

  @Test
  void refusesWhatIsNoFile() throws IOException {
    assertTrue(message(folder).contains("folder"));
    assertTrue(message(folder.resolve("none")).contains("no such file"));
    assertTrue(message(Files.createFile(folder.resolve("empty"))).contains("empty"));
  }

  @Test
  void refusesAFileWithoutPermission() throws IOException {
    Path file = GgufBytes.header(0, 0).write(folder.resolve("secret.gguf"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("-w-------"));
    Assumptions.assumeFalse(Files.isReadable(file), "root reads everything");
    assertTrue(message(file).contains("permission denied"));
  }

  private static String message(Path path) {
    return assertThrows(FormatException.class, () -> GgufFile.open(path).close()).getMessage();
  }

  @Test
  void refusesATooShortHeader() {
    refuses(new GgufBytes().i32(0x46554747).i32(3), "too short", "8");
  }

  @Test
  void refusesAWrongMagic() {
    refuses(new GgufBytes().i64(0x1234).i64(0).i64(0), "not a GGUF file", "1234");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, -1})
  void refusesOtherVersions(int version) {
    refuses(
        GgufBytes.header(version, 0, 0), "offset 4", "version", Integer.toUnsignedString(version));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x02000000, 0x03000000})
  void refusesBigEndianFilesByName(int version) {
    refuses(GgufBytes.header(version, 0, 0), "big-endian");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, 2})
  void refusesCountsThatCannotFit(long count) {
    refuses(GgufBytes.header(count, 0), Long.toUnsignedString(count));
    refuses(GgufBytes.header(0, count), Long.toUnsignedString(count));
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, 100})
  void refusesStringsLongerThanTheFile(long length) {
    refuses(GgufBytes.header(0, 1).i64(length).i64(0), Long.toUnsignedString(length));
    refuses(
        GgufBytes.header(0, 1).key("name", 8).i64(length), "name", Long.toUnsignedString(length));
  }

  @Test
  void refusesEmptyKeysAndKeysWithNul() {
    refuses(GgufBytes.header(0, 1).key("", U32).i32(0).i32(0), "empty key");
    refuses(GgufBytes.header(0, 1).key("a\0b", U32).i32(0), "NUL");
  }

  @Test
  void refusesOverlongKeys() {
    refuses(GgufBytes.header(0, 1).i64(65536).data(1, 65000), "65536");
  }

  @Test
  void refusesADuplicateKey() {
    refuses(
        GgufBytes.header(0, 2).key("twice", U32).i32(0).key("twice", U32).i32(0),
        "twice",
        "offset 45");
  }

  @Test
  void keepsMessagesToOneLineWhateverTheKey() {
    refuses(GgufBytes.header(0, 1).key("a\r\nb\u2028", 77).i32(0), "a??b?", "77");
  }

  @ParameterizedTest
  @ValueSource(ints = {13, 100, -1})
  void refusesUnknownValueTypes(int type) {
    refuses(GgufBytes.header(0, 1).key("odd", type).i64(0), "odd", "type");
    refuses(GgufBytes.header(0, 1).key("odd", 9).i32(type).i64(0), "odd", "type");
  }

  @Test
  void refusesNestedArrays() {
    refuses(GgufBytes.header(0, 1).key("deep", 9).i32(9).i64(1).i64(0), "deep", "array of arrays");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12})
  void refusesArraysLongerThanTheFile(int type) {
    for (long count : new long[] {-1, Long.MAX_VALUE, 1L << 61, 1L << 31, 9}) {
      refuses(
          GgufBytes.header(0, 1).key("list", 9).i32(type).i64(count).i64(0),
          "list",
          Long.toUnsignedString(count));
    }
  }

  @Test
  void refusesBooleansOtherThanZeroAndOne() {
    refuses(GgufBytes.header(0, 1).key("flag", 7).i8(2), "flag", "2");
    refuses(GgufBytes.header(0, 1).key("flag", 9).i32(7).i64(2).i8(1).i8(255), "flag", "255");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 24, 33, 1 << 21, 1 << 31})
  void refusesAlignmentsThatAreNoPowerOfTwoWithinBounds(int alignment) {
    refuses(
        GgufBytes.header(0, 1).key("general.alignment", U32).i32(alignment),
        "general.alignment",
        Integer.toUnsignedString(alignment));
  }

  @Test
  void refusesAnAlignmentOfAnotherType() {
    refuses(
        GgufBytes.header(0, 1).key("general.alignment", 10).i64(32), "general.alignment", "type");
  }

  @Test
  void refusesMetadataThatNeedsTooMuchMemory() throws IOException {
    // A quarter of a GiB of zero bytes, sparse on disk, that would become a GiB of integers.
    Path file = folder.resolve("sparse.gguf");
    int count = 1 << 28;
    GgufBytes.header(0, 1).key("big", 9).i32(0).i64(count).write(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), channel.size() + count);
    }
    assertTrue(message(file).contains("big"));
  }

  @Test
  void refusesBadTensorNames() {
    refuses(GgufBytes.header(1, 0).tensor("", F32, 0, 1).data(32, 32), "empty name");
    refuses(GgufBytes.header(1, 0).tensor("a\0", F32, 0, 1).data(32, 32), "NUL");
    refuses(GgufBytes.header(1, 0).tensor("n".repeat(64), F32, 0, 1).data(32, 32), "64");
    refuses(
        GgufBytes.header(2, 0).tensor("x", F32, 0, 1).tensor("x", F32, 32, 1).data(32, 64),
        "x occurs twice");
  }

  @Test
  void refusesMoreThanFourDimensions() {
    refuses(GgufBytes.header(1, 0).tensor("t", F32, 0, 1, 1, 1, 1, 1).data(32, 32), "t has 5");
    refuses(GgufBytes.header(1, 0).string("t").i32(-1).data(32, 99), "4294967295");
  }

  @Test
  void refusesImpossibleDimensions() {
    refuses(GgufBytes.header(1, 0).tensor("t", F32, 0, 4, 0).data(32, 64), "t", "0");
    refuses(GgufBytes.header(1, 0).tensor("t", F32, 0, -4).data(32, 64), "18446744073709551612");
    refuses(GgufBytes.header(1, 0).tensor("t", F32, 0, 1L << 32, 1L << 32).data(32, 64), "t");
    refuses(GgufBytes.header(1, 0).tensor("t", F32, 0, 1L << 62).data(32, 64), "t", "too large");
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5, 31, 32, 33, 36, 37, 38, 43, 97, 1000, -1})
  void refusesTypesThatItDoesNotKnow(int type) {
    refuses(
        GgufBytes.header(1, 0).tensor("odd", type, 0, 32).data(32, 64),
        "odd",
        "unsupported type " + Integer.toUnsignedString(type));
  }

  @Test
  void refusesRowsThatAreNoWholeBlocks() {
    refuses(
        GgufBytes.header(1, 0).tensor("t", 12, 0, 128, 2).data(32, 144), "t", "128", "Q4_K", "256");
    refuses(GgufBytes.header(1, 0).tensor("t", 8, 0).data(32, 64), "t", "Q8_0");
  }

  @Test
  void refusesOffsetsOutOfLine() {
    refuses(GgufBytes.header(1, 0).tensor("t", F32, 16, 1).data(32, 64), "t", "16", "aligned");
    refuses(GgufBytes.header(1, 0).tensor("t", F32, -32, 1).data(32, 64), "18446744073709551584");
    refuses(
        GgufBytes.header(1, 0).tensor("t", F32, Long.MAX_VALUE - 31, 1).data(32, 64), "truncated");
  }

  @Test
  void refusesOverlappingTensors() {
    GgufBytes bytes = GgufBytes.header(2, 0).tensor("a", F32, 32, 8).tensor("b", F32, 0, 9);
    refuses(bytes.data(32, 128), "b", "a", "overlap");
  }

  @Test
  void acceptsGapsAndAnyOrder() {
    GgufBytes bytes = GgufBytes.header(2, 0).tensor("a", F32, 96, 8).tensor("b", F32, 0, 8);
    try (GgufFile file = open(bytes.data(32, 128))) {
      assertEquals(List.of("a", "b"), file.tensors().stream().map(StoredTensor::name).toList());
    }
  }

  @Test
  void refusesATruncatedFileAndAcceptsAnUnpaddedEnd() {
    refuses(GgufBytes.header(1, 0).tensor("t", F32, 0, 9).data(32, 35), "t", "36", "truncated");
    refuses(GgufBytes.header(1, 0).tensor("t", F32, 0, 9), "offset 64");
    open(GgufBytes.header(1, 0).tensor("t", F32, 0, 9).data(32, 36)).close();
  }

  @Test
  void readsAFileWithoutTensorsOrPadding() {
    try (GgufFile file = open(GgufBytes.header(0, 1).key("a", 0).i8(200))) {
      assertEquals(200, file.metadata().integer("a").orElseThrow());
      assertTrue(file.tensors().isEmpty());
    }
  }

  @Test
  void narrowsIntegerArraysThatFit() {
    GgufBytes bytes = GgufBytes.header(0, 4);
    bytes.key("u8", 9).i32(0).i64(2).i8(255).i8(1);
    bytes.key("i16", 9).i32(3).i64(1).i16(-2);
    bytes.key("u32", 9).i32(4).i64(3).i32(7).i32(-1).i32(8);
    bytes.key("u64", 9).i32(10).i64(1).i64(5);
    try (GgufFile file = open(bytes)) {
      assertArrayEquals(new int[] {255, 1}, file.metadata().ints("u8").orElseThrow());
      assertArrayEquals(new int[] {-2}, file.metadata().ints("i16").orElseThrow());
      assertArrayEquals(
          new long[] {7, 0xffffffffL, 8}, (long[]) file.metadata().values().get("u32"));
      assertArrayEquals(new int[] {5}, file.metadata().ints("u64").orElseThrow());
    }
  }

  @Test
  void failsAndDoesNotCrashWhenReadAfterClose() {
    GgufFile file = open(GgufBytes.header(1, 0).tensor("t", F32, 0, 1).data(32, 4));
    StoredTensor tensor = file.tensor("t").orElseThrow();
    file.close();
    file.close();
    assertThrows(IllegalStateException.class, () -> tensor.data().get(ValueLayout.JAVA_BYTE, 0));
  }

  private Path shard(String name, int no, int count, int total, String tensor) {
    GgufBytes bytes = GgufBytes.header(1, 3).key("split.no", 2).i16(no);
    bytes.key("split.count", 2).i16(count).key("split.tensors.count", 5).i32(total);
    return bytes.tensor(tensor, F32, 0, 1).data(32, 4).write(folder.resolve(name));
  }

  @Test
  void theIdentityOfASplitModelIsThatOfAllShards() throws IOException {
    Path first = shard("m-00001-of-00002.gguf", 0, 2, 2, "a");
    Path second = shard("m-00002-of-00002.gguf", 1, 2, 2, "b");
    try (GgufFile file = GgufFile.open(first)) {
      String identity = file.identity().orElseThrow();
      for (Path shard : List.of(first, second)) {
        assertTrue(identity.contains(shard.toRealPath() + ", "), identity);
      }
      Files.setLastModifiedTime(second, FileTime.fromMillis(0));
      assertTrue(file.identity().isEmpty());
    }
  }

  @Test
  void readsASplitModelFromItsFirstShard() {
    Path first = shard("m-00001-of-00002.gguf", 0, 2, 2, "a");
    shard("m-00002-of-00002.gguf", 1, 2, 2, "b");
    try (GgufFile file = GgufFile.open(first)) {
      assertEquals(2, file.shardCount());
      assertTrue(file.location("b").shard().endsWith("m-00002-of-00002.gguf"));
      assertEquals(4, file.tensor("b").orElseThrow().data().byteSize());
    }
  }

  @Test
  void refusesBrokenSplits() {
    Path first = shard("m-00001-of-00002.gguf", 0, 2, 2, "a");
    assertTrue(message(first).contains("m-00002-of-00002.gguf: no such file"));
    Path second = shard("m-00002-of-00002.gguf", 1, 2, 2, "a");
    assertTrue(message(first).contains("a is in an earlier shard"));
    assertTrue(message(second).contains("open the first"));
    shard("m-00002-of-00002.gguf", 0, 2, 2, "b");
    assertTrue(message(first).contains("split.no must be 1 but is 0"));
    shard("m-00002-of-00002.gguf", 1, 3, 2, "b");
    assertTrue(message(first).contains("split.count must be 2 but is 3"));
    shard("m-00001-of-00002.gguf", 0, 2, 5, "a");
    shard("m-00002-of-00002.gguf", 1, 2, 5, "b");
    assertTrue(message(first).contains("split.tensors.count is 5 but the shards have 2"));
    assertTrue(message(shard("m.gguf", 0, 2, 2, "a")).contains("NAME-00001-of-00002.gguf"));
  }

  @Test
  void writesLazyTensorsAtTheAlignmentAsked() {
    Path path = folder.resolve("lazy.gguf");
    new GgufWriter()
        .put("general.alignment", 256)
        .add("a", DType.I8, List.of(3L), out -> out.write(new byte[] {1, 2, 3}))
        .add("b", DType.I8, List.of(), out -> out.write(9))
        .write(path);
    try (GgufFile file = GgufFile.open(path)) {
      assertEquals(0, file.location("b").offset() % 256);
      assertEquals(3, file.tensor("a").orElseThrow().data().get(ValueLayout.JAVA_BYTE, 2));
      assertEquals(9, file.tensor("b").orElseThrow().data().get(ValueLayout.JAVA_BYTE, 0));
    }
  }

  @Test
  void leavesTheOldFileWhereWritingFails() throws IOException {
    Path path = Files.writeString(folder.resolve("old.gguf"), "old");
    GgufWriter writer = new GgufWriter().add("a", DType.I8, List.of(3L), out -> out.write(1));
    assertTrue(
        assertThrows(FormatException.class, () -> writer.write(path))
            .getMessage()
            .contains("needs 3 bytes but 1"));
    assertEquals("old", Files.readString(path));
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  /** The file has holes instead of text, so it costs nothing. */
  @Test
  void refusesAHugeTextBeforeItReadsIt() throws IOException {
    long length = 300 << 20;
    Path file =
        GgufBytes.header(0, 1).key("general.name", 8).i64(length).write(folder.resolve("holes"));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), length + 100);
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    String message = message(file);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(message.contains("general.name has " + length + " bytes; at most"), message);
    assertTrue(allocated < 1 << 20, allocated + " bytes");
  }

  @Test
  void noticesThatItsFileWasCut() throws IOException {
    GgufBytes bytes = GgufBytes.header(3, 1, 0).tensor("t", F32, 0, 3, 2).data(32, 24);
    try (GgufFile file = open(bytes)) {
      file.requireWhole();
      try (FileChannel channel =
          FileChannel.open(folder.resolve("good.gguf"), StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.allocate(1), 500);
        file.requireWhole();
        channel.truncate(64);
      }
      FormatException e = assertThrows(FormatException.class, file::requireWhole);
      assertTrue(e.getMessage().endsWith("to 64 bytes while in use"), e.getMessage());
    }
  }
}
