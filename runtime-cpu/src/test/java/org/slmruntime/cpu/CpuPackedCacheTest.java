package org.slmruntime.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendException;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.MemoryUse;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.backend.spi.Weights;
import org.slmruntime.graph.Weight;
import org.slmruntime.tensor.DType;
import org.slmruntime.testkit.TinyModel;

/** Packed weights are kept in a folder and taken from there the next time. */
@Timeout(60)
class CpuPackedCacheTest {
  private static final String PACKING = "packing weights";
  private static final String READING = "reading packed weights";
  private static final String KEEPING = "keeping packed weights";

  @TempDir Path folder;

  private final long seed = Long.getLong("slm.test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final TinyModel model = TinyModel.make(seed, DType.Q4_0);
  private final List<String> notices = Collections.synchronizedList(new ArrayList<>());

  /** What a load did, and what the plan then computes. */
  private record Loaded(Set<String> tasks, float[] logits, MemoryUse memory) {}

  /** Weights that say where they are from. */
  private record Identified(Weights weights, Optional<String> identity) implements Weights {
    @Override
    public Stored get(Weight weight) {
      return weights.get(weight);
    }
  }

  @Test
  void aSecondLoadPacksNothingAndComputesTheSame() throws IOException {
    Loaded plain = load(Optional.empty(), "a");
    Loaded first = load(Optional.of(folder), "a");
    assertEquals(Set.of(PACKING, KEEPING), first.tasks);
    List<Path> files = files();
    assertEquals(1, files.size());
    Object inode = Files.readAttributes(files.getFirst(), "*").get("fileKey");
    Loaded second = load(Optional.of(folder), "a");
    assertEquals(Set.of(READING), second.tasks);
    assertEquals(files, files());
    assertEquals(inode, Files.readAttributes(files.getFirst(), "*").get("fileKey"));
    assertArrayEquals(plain.logits, first.logits, "seed " + seed);
    assertArrayEquals(plain.logits, second.logits, "seed " + seed);
    assertEquals(plain.memory, second.memory);
    assertEquals(List.of(), notices);
  }

  @Test
  void keepsNothingUnlessItIsToldToAndKnowsWhereTheWeightsAreFrom() throws IOException {
    assertEquals(Set.of(PACKING), load(Optional.empty(), "a").tasks);
    Set<String> tasks = new TreeSet<>();
    try (Backend backend = backend(Optional.of(folder))) {
      backend.compile(model.graph(), model.weights(), options(tasks)).close();
    }
    assertEquals(Set.of(PACKING), tasks);
    assertEquals(List.of(), files());
    assertEquals(List.of(), notices);
  }

  @Test
  void otherWeightsHaveFilesOfTheirOwn() throws IOException {
    load(Optional.of(folder), "a");
    assertEquals(Set.of(PACKING, KEEPING), load(Optional.of(folder), "b").tasks);
    TinyModel other = TinyModel.make(seed + 1, DType.Q4_0);
    assertEquals(Set.of(PACKING, KEEPING), load(Optional.of(folder), other, "a").tasks);
    TinyModel otherType = TinyModel.make(seed, DType.Q5_0);
    assertEquals(Set.of(PACKING, KEEPING), load(Optional.of(folder), otherType, "a").tasks);
    assertEquals(4, files().size());
    assertEquals(Set.of(READING), load(Optional.of(folder), "a").tasks);
  }

  @Test
  void replacesAFileThatIsBroken() throws IOException {
    Loaded first = load(Optional.of(folder), "a");
    Path file = files().getFirst();
    long size = Files.size(file);
    for (long at : new long[] {0, random.nextInt(200), size - 1 - random.nextInt(100_000)}) {
      change(file, at);
      packsAnew(first, "header is broken", "sums are wrong");
    }
    for (long length : new long[] {0, 100, size - 1}) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(length);
      }
      packsAnew(first, "it has " + length + " bytes");
    }
    assertEquals(size, Files.size(file));
  }

  /** The file is broken: the next load says so and replaces it, the one after that reads it. */
  private void packsAnew(Loaded expected, String... reasons) throws IOException {
    Loaded anew = load(Optional.of(folder), "a");
    assertTrue(anew.tasks.containsAll(Set.of(PACKING, KEEPING)), anew.tasks.toString());
    assertArrayEquals(expected.logits, anew.logits, "seed " + seed);
    String notice = notices.removeFirst();
    assertTrue(Stream.of(reasons).anyMatch(notice::contains), notice + ", seed " + seed);
    assertEquals(List.of(), notices);
    assertEquals(Set.of(READING), load(Optional.of(folder), "a").tasks);
    assertEquals(1, files().size());
  }

  @Test
  void doesWithoutAFolderThatCannotBeWritten() throws IOException {
    Path noFolder = Files.createFile(folder.resolve("file"));
    Loaded plain = load(Optional.empty(), "a");
    Loaded without = load(Optional.of(noFolder), "a");
    assertEquals(Set.of(PACKING), without.tasks);
    assertArrayEquals(plain.logits, without.logits, "seed " + seed);
    String expected = "packed weights are not kept in " + noFolder + ": it is not a folder";
    assertEquals(List.of(expected), notices);
  }

  @Test
  void keepsNothingOfAModelThatWasChangedMeanwhile() throws IOException {
    Weights changing =
        new Weights() {
          private int asked;

          @Override
          public Stored get(Weight weight) {
            return model.weights().get(weight);
          }

          @Override
          public Optional<String> identity() {
            return asked++ == 0 ? Optional.of("a") : Optional.empty();
          }
        };
    Set<String> tasks = new TreeSet<>();
    try (Backend backend = backend(Optional.of(folder))) {
      backend.compile(model.graph(), changing, options(tasks)).close();
    }
    assertEquals(Set.of(PACKING), tasks);
    assertEquals(List.of(), files());
  }

  @Test
  void plansThatAreMadeAtOnceDoNotDisturbEachOther() throws Exception {
    Loaded plain = load(Optional.empty(), "a");
    try (ExecutorService users = Executors.newFixedThreadPool(4)) {
      List<Future<Loaded>> all = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        all.add(users.submit(() -> load(Optional.of(folder), "a")));
      }
      for (Future<Loaded> one : all) {
        assertArrayEquals(plain.logits, one.get().logits, "seed " + seed);
      }
    }
    assertEquals(List.of(), notices);
    assertEquals(1, files().size());
  }

  @Test
  void aStepFailsOnceTheFileWasCut() throws IOException {
    load(Optional.of(folder), "a");
    try (Backend backend = backend(Optional.of(folder));
        Plan plan = compile(backend, model, "a", new TreeSet<>())) {
      plan.step(step());
      try (FileChannel channel = FileChannel.open(files().getFirst(), StandardOpenOption.WRITE)) {
        channel.truncate(4096);
      }
      BackendException e = assertThrows(BackendException.class, () -> plan.step(step()));
      assertTrue(e.getMessage().contains("to 4096 bytes while in use"), e.getMessage());
    }
  }

  private Loaded load(Optional<Path> cache, String identity) {
    return load(cache, model, identity);
  }

  private Loaded load(Optional<Path> cache, TinyModel model, String identity) {
    Set<String> tasks = Collections.synchronizedSet(new TreeSet<>());
    try (Backend backend = backend(cache);
        Plan plan = compile(backend, model, identity, tasks)) {
      return new Loaded(tasks, plan.step(step()).clone(), plan.memory());
    }
  }

  private Backend backend(Optional<Path> cache) {
    return new CpuBackendProvider().open(new BackendOptions(2, 0, false, cache, notices::add));
  }

  private static Plan compile(
      Backend backend, TinyModel model, String identity, Set<String> tasks) {
    Weights weights = new Identified(model.weights(), Optional.of(identity));
    return backend.compile(model.graph(), weights, options(tasks));
  }

  private static PlanOptions options(Set<String> tasks) {
    return new PlanOptions(
        8, 1, 8, 4, 32, DType.F32, ValueObserver.NONE, (task, _, _) -> tasks.add(task));
  }

  private static StepInput step() {
    StepInput input = new StepInput();
    int[] blocks = {0, 1};
    input.beginSequence(blocks, blocks.length);
    for (int i = 0; i < 7; i++) {
      input.addToken(i * 13 % TinyModel.VOCABULARY, i, true);
    }
    return input;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static void change(Path file, long at) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, at);
      one.put(0, (byte) ~one.get(0)).flip();
      channel.write(one, at);
    }
  }
}
