package org.slmruntime.ptx;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A machine with a memory, and hand-written kernels whose parameters are pointers. */
final class Lab {
  /** Seed of this run's tests. */
  static final long SEED = Long.getLong("slm.test.seed", System.nanoTime());

  final GlobalMemory memory = new GlobalMemory(1 << 26);
  private final PtxMachine machine;

  Lab(PtxOptions options) {
    machine = new PtxMachine(memory, options);
  }

  static Lab checked() {
    return new Lab(PtxOptions.checked(SEED));
  }

  static Lab fast() {
    return new Lab(PtxOptions.fast());
  }

  /**
   * A module with one entry "k". Its body finds pointer i in %rd(i + 1) and %tid.x in %r1.
   *
   * @param declarations of the module
   */
  static PtxModule module(String declarations, int pointers, String body) {
    String parameters =
        IntStream.range(0, pointers)
            .mapToObj(i -> ".param .u64 p" + i)
            .collect(Collectors.joining(", "));
    String loads =
        IntStream.range(0, pointers)
            .mapToObj(i -> "ld.param.u64 %rd" + (i + 1) + ", [p" + i + "];\n")
            .collect(Collectors.joining());
    return PtxModule.parse(
        "test",
        """
        .version 7.0
        .target sm_80
        .address_size 64
        %s
        .visible .entry k(%s)
        {
        .reg .pred %%p<40>;
        .reg .b16 %%h<80>;
        .reg .b32 %%r<80>;
        .reg .b64 %%rd<80>;
        mov.u32 %%r1, %%tid.x;
        %s
        %s
        ret;
        }
        """
            .formatted(declarations, parameters, loads, body));
  }

  Counters run(PtxModule module, Dim3 grid, Dim3 block, long... pointers) {
    long[] parameters = pointers.length == 0 ? new long[1] : pointers;
    return machine.launch(module.entry("k"), grid, block, 0, MemorySegment.ofArray(parameters));
  }

  /** Runs a body in one block. */
  Counters run(String declarations, String body, int threads, long... pointers) {
    return run(module(declarations, pointers.length, body), Dim3.of(1), Dim3.of(threads), pointers);
  }

  long upload(int... values) {
    return upload(MemorySegment.ofArray(values));
  }

  long upload(long... values) {
    return upload(MemorySegment.ofArray(values));
  }

  long upload(byte... values) {
    return upload(MemorySegment.ofArray(values));
  }

  private long upload(MemorySegment from) {
    long address = memory.allocate(from.byteSize());
    memory.write(address, from, from.byteSize());
    return address;
  }

  int[] ints(long address, int count) {
    int[] values = new int[count];
    memory.read(address, MemorySegment.ofArray(values), 4L * count);
    return values;
  }

  long[] longs(long address, int count) {
    long[] values = new long[count];
    memory.read(address, MemorySegment.ofArray(values), 8L * count);
    return values;
  }

  /**
   * Runs instructions in a thread per value. Input i is in %rd(10 + i), its low bits in %r and %h
   * of the same number; the result is taken from whichever of %rd20, %r20, %h20 and %p20 the last
   * line names.
   */
  static long[] perThread(String instructions, long[]... inputs) {
    return perThread(checked(), instructions, inputs);
  }

  static long[] perThread(Lab lab, String instructions, long[]... inputs) {
    int count = inputs[0].length;
    StringBuilder body = new StringBuilder("mul.wide.u32 %rd30, %r1, 8;\n");
    for (int i = 0; i < inputs.length; i++) {
      body.append("add.s64 %rd31, %rd" + (i + 2) + ", %rd30;\n");
      body.append("ld.global.u64 %rd1" + i + ", [%rd31];\n");
      body.append("cvt.u32.u64 %r1" + i + ", %rd1" + i + ";\n");
      body.append("cvt.u16.u64 %h1" + i + ", %rd1" + i + ";\n");
    }
    body.append(instructions).append('\n').append(widen(instructions));
    body.append("add.s64 %rd31, %rd1, %rd30;\nst.global.u64 [%rd31], %rd20;");
    long[] pointers = new long[inputs.length + 1];
    pointers[0] = lab.memory.allocate(8L * count);
    Arrays.setAll(pointers, i -> i == 0 ? pointers[0] : lab.upload(inputs[i - 1]));
    lab.run("", body.toString(), count, pointers);
    return lab.longs(pointers[0], count);
  }

  private static String widen(String instructions) {
    String last = instructions.strip().lines().reduce((a, b) -> b).orElseThrow();
    if (last.contains("%rd20")) {
      return "";
    }
    if (last.contains("%r20")) {
      return "cvt.u64.u32 %rd20, %r20;\n";
    }
    return last.contains("%p20") ? "selp.b64 %rd20, 1, 0, %p20;\n" : "cvt.u64.u16 %rd20, %h20;\n";
  }

  /** Expects a failure that says this. */
  static void assertFails(String what, Runnable program) {
    PtxException e = assertThrows(PtxException.class, program::run, "seed " + SEED);
    assertTrue(e.getMessage().contains(what), () -> e.getMessage() + ", seed " + SEED);
  }
}
