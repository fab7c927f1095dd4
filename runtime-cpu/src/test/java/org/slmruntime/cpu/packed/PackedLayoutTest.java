package org.slmruntime.cpu.packed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Packed weights are kept in files, which a later version reads. One that lays them out in another
 * way must not take the old ones for its own.
 */
class PackedLayoutTest {
  private static final int COLUMNS = 512;
  private static final int ROWS = 67;

  /** Of which layout the sums are. */
  private static final int LAYOUT = 1;

  /** Sums of a matrix of each format in panels of 32, 16 and 8 rows. */
  private static final String SUMS =
      """
      IQ4_NL cfcb3532 b2cc2a5d c9bcd590
      IQ4_XS 7fd196f7 6996dd42 3887c38a
      Q3_K 427027b4 ec6153a8 bd6f264b
      Q4_0 ee1c25b7 3a784f98 f104dc9e
      Q4_1 8abb5336 5d3f7d53 26c13fb5
      Q4_K 448afee8 debff3da ca5e6a58
      Q5_0 4ab813fb c6e17993 801d18af
      Q5_1 051d9087 5fad48d9 57e37d9c
      Q5_K d138f51b af0ca5d3 bfd40b45
      Q6_K b56cef44 d94b9585 43963b9f
      Q8_0 49a8a70e 19fc792d a58c88c2
      """;

  @ParameterizedTest
  @EnumSource(PackedFormat.class)
  void theLayoutHasAnotherNumberOnceItIsAnother(PackedFormat format) {
    assertEquals(LAYOUT, PackedIdentity.LAYOUT, "these are the sums of another layout");
    assertEquals(
        expected(format),
        "%08x".formatted(sum(format)),
        format + " is laid out in another way: raise PackedIdentity.LAYOUT, then renew the sums");
  }

  private static String expected(PackedFormat format) {
    int column = 1 + List.of(32, 16, 8).indexOf(Panels.PANEL);
    return SUMS.lines()
        .map(line -> line.split(" +"))
        .filter(words -> words[0].equals(format.name()))
        .map(words -> words[column])
        .findFirst()
        .orElse("none");
  }

  /** The sum of a matrix that is the same in every run. */
  private static int sum(PackedFormat format) {
    byte[] stored = new byte[(int) format.type.byteSize((long) ROWS * COLUMNS)];
    new Random(42).nextBytes(stored);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(format.byteSize(ROWS, COLUMNS), 64);
      PackedMatrix matrix = new PackedMatrix(format, ROWS, COLUMNS, memory);
      PackingScratch[] scratch = new PackingScratch[1];
      Arrays.setAll(scratch, _ -> new PackingScratch(format.type.byteSize(COLUMNS)));
      MatrixPacking packing = new MatrixPacking(matrix, MemorySegment.ofArray(stored), scratch);
      for (int chunk = 0; chunk < packing.chunks(); chunk++) {
        packing.run(chunk, 0);
      }
      CRC32C sum = new CRC32C();
      sum.update(memory.toArray(ValueLayout.JAVA_BYTE));
      return (int) sum.getValue();
    }
  }
}
