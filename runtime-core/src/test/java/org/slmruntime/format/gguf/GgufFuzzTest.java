package org.slmruntime.format.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.format.FormatException;
import org.slmruntime.format.StoredTensor;
import org.slmruntime.tensor.DType;

class GgufFuzzTest {
  private static final long SEED = 42;
  private static final int MUTANTS = 6000;
  private static final long MAX_MILLIS = 2000;
  private static final long MAX_ALLOCATED = 16 << 20;
  private static final long[] ODD = {
    0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, 1L << 61, 0xffffffffL, 31, 4096
  };

  @TempDir Path folder;

  @Test
  void readsBackWhateverMetadataAndTensorsItWrites() throws IOException {
    for (int run = 0; run < 50; run++) {
      Random random = new Random(SEED + run);
      Map<String, Object> values = randomValues(random);
      List<StoredTensor> tensors = randomTensors(random);
      String hint = "seed " + (SEED + run);
      try (GgufFile file = GgufFile.open(write(values, tensors))) {
        assertEquals(values.keySet(), file.metadata().values().keySet(), hint);
        values.forEach(
            (key, value) ->
                assertArrayEquals(
                    new Object[] {value}, new Object[] {file.metadata().values().get(key)}, hint));
        assertEquals(tensors.size(), file.tensors().size(), hint);
        for (StoredTensor tensor : tensors) {
          StoredTensor read = file.tensor(tensor.name()).orElseThrow();
          assertEquals(tensor.type(), read.type(), hint);
          assertEquals(tensor.dims(), read.dims(), hint);
          assertEquals(-1, tensor.data().mismatch(read.data()), hint);
        }
      }
    }
  }

  @Test
  void opensOrRefusesEveryMutantQuicklyAndCheaply() throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    List<byte[]> seeds = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Random random = new Random(SEED + i);
      seeds.add(Files.readAllBytes(write(randomValues(random), randomTensors(random))));
    }
    Path mutant = folder.resolve("mutant.gguf");
    int accepted = 0;
    for (int i = 0; i < MUTANTS; i++) {
      Random random = new Random(SEED + i);
      byte[] bytes = mutate(seeds, random);
      Files.write(mutant, bytes);
      long allocated = threads.getCurrentThreadAllocatedBytes();
      long start = System.nanoTime();
      accepted += tryOpen(mutant, "seed " + (SEED + i)) ? 1 : 0;
      long millis = (System.nanoTime() - start) / 1_000_000;
      allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
      assertTrue(millis < MAX_MILLIS, millis + " ms, seed " + (SEED + i));
      assertTrue(allocated < MAX_ALLOCATED, allocated + " bytes, seed " + (SEED + i));
    }
    // A fuzzer whose files were all refused at the first field would test little, and so would one
    // that did no harm.
    assertTrue(accepted > MUTANTS / 20 && accepted < MUTANTS * 9 / 10, accepted + " accepted");
  }

  private static boolean tryOpen(Path path, String hint) {
    try (GgufFile file = GgufFile.open(path)) {
      for (StoredTensor tensor : file.tensors()) {
        assertEquals(tensor.type().byteSize(tensor.elements()), tensor.data().byteSize(), hint);
        tensor.data().get(ValueLayout.JAVA_BYTE, 0);
        tensor.data().get(ValueLayout.JAVA_BYTE, tensor.data().byteSize() - 1);
      }
      return true;
    } catch (FormatException e) {
      assertTrue(e.getMessage().startsWith(path.getParent().toString()), hint);
      assertEquals(1, e.getMessage().lines().count(), hint);
      return false;
    }
  }

  private static byte[] mutate(List<byte[]> seeds, Random random) {
    byte[] bytes = seeds.get(random.nextInt(seeds.size())).clone();
    int harms = 1 + random.nextInt(3);
    for (int i = 0; i < harms && bytes.length > 32; i++) {
      bytes = harm(bytes, seeds.get(random.nextInt(seeds.size())), random);
    }
    return bytes;
  }

  private static byte[] harm(byte[] bytes, byte[] other, Random random) {
    int at = random.nextInt(bytes.length - 16);
    ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    switch (random.nextInt(7)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> view.putLong(at, ODD[random.nextInt(ODD.length)]);
      case 2 -> view.putInt(at, (int) ODD[random.nextInt(ODD.length)]);
      case 3 -> {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      case 4 -> {
        long first = view.getLong(at);
        int to = random.nextInt(bytes.length - 16);
        view.putLong(at, view.getLong(to));
        view.putLong(to, first);
      }
      case 5 -> {
        int n = Math.min(Math.min(bytes.length - at, other.length), 1 + random.nextInt(64));
        System.arraycopy(other, random.nextInt(other.length - n + 1), bytes, at, n);
      }
      default -> {
        int n = 1 + random.nextInt(16);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + n);
        System.arraycopy(bytes, at, longer, at + n, bytes.length - at);
        return longer;
      }
    }
    return bytes;
  }

  private Path write(Map<String, Object> values, List<StoredTensor> tensors) {
    GgufWriter writer = new GgufWriter();
    values.forEach(writer::put);
    tensors.forEach(writer::add);
    Path path = folder.resolve("seed.gguf");
    writer.write(path);
    return path;
  }

  private static Map<String, Object> randomValues(Random random) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = random.nextInt(12); i >= 0; i--) {
      values.put("key." + i + "." + random.nextInt(9), randomValue(random));
    }
    return values;
  }

  private static Object randomValue(Random random) {
    int n = random.nextInt(6);
    return switch (random.nextInt(12)) {
      case 0 -> (long) random.nextInt();
      case 1 -> random.nextLong();
      case 2 -> (double) random.nextFloat();
      case 3 -> random.nextBoolean();
      case 4, 5 -> randomText(random);
      case 6 -> random.ints(n).toArray();
      case 7 -> {
        long[] wide = random.longs(n + 1).toArray();
        wide[n] = Long.MIN_VALUE;
        yield wide;
      }
      case 8 -> new float[] {random.nextFloat(), Float.NaN, -0f};
      case 9 -> random.doubles(n).toArray();
      case 10 -> new boolean[] {random.nextBoolean(), random.nextBoolean()};
      default -> List.of(randomText(random), randomText(random), "");
    };
  }

  private static String randomText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(10); i > 0; i--) {
      text.appendCodePoint(
          "az \n\0é漢😀".codePoints().skip(random.nextInt(8)).findFirst().getAsInt());
    }
    return text.toString();
  }

  private static List<StoredTensor> randomTensors(Random random) {
    List<StoredTensor> tensors = new ArrayList<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      DType type = DType.values()[random.nextInt(DType.values().length)];
      List<Long> dims = new ArrayList<>();
      if (type.blockElements() > 1 || random.nextBoolean()) {
        dims.add((long) type.blockElements() * (1 + random.nextInt(2)));
        for (int rank = random.nextInt(4); rank > 0; rank--) {
          dims.add(1L + random.nextInt(3));
        }
      }
      long elements = dims.stream().reduce(1L, Math::multiplyExact);
      byte[] bytes = new byte[Math.toIntExact(type.byteSize(elements))];
      random.nextBytes(bytes);
      tensors.add(new StoredTensor("t" + i, type, dims, MemorySegment.ofArray(bytes)));
    }
    return tensors;
  }
}
