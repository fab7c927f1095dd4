package org.slmruntime.benchmarks.compare;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import org.slmruntime.benchmarks.BenchmarkException;

/**
 * A model in llama.cpp with its cache: float16, with flash attention where llama.cpp thinks best.
 * Used by one thread.
 */
final class LlamaLibrary implements AutoCloseable {
  private static final int BATCH_TOKENS = 2048;
  private static final int STEP_TOKENS = 512;

  /** Where {@code llama_context_params} has what is set here; the others keep their defaults. */
  private static final long CONTEXT_OFFSET = 0;

  private static final long BATCH_OFFSET = 4;
  private static final long STEP_OFFSET = 8;
  private static final long SEQUENCES_OFFSET = 12;
  private static final long THREADS_OFFSET = 28;
  private static final long BATCH_THREADS_OFFSET = 32;

  private final Arena arena;
  private final LlamaFunctions functions;
  private final MemorySegment model;
  private final MemorySegment context;
  private final MemorySegment memory;
  private final LlamaBatch batch;
  private final int vocabulary;

  private LlamaLibrary(
      Arena arena, Path folder, Path file, int threads, int length, int sequences) {
    this.arena = arena;
    functions = new LlamaFunctions(folder);
    call(functions.loadBackends, arena.allocateFrom(folder.toString()));
    call(functions.init);
    model = required(file + ": llama.cpp cannot load it", loadModel(file));
    context =
        required("llama.cpp makes no context", newContext(threads, length * sequences, sequences));
    memory = required("the context has no memory", pointer(functions.memory, context));
    batch = new LlamaBatch(arena, Math.max(STEP_TOKENS, sequences));
    vocabulary = (int) call(functions.tokenCount, pointer(functions.vocabulary, model));
  }

  /**
   * Loads a model.
   *
   * @param folder of the libraries, which must also be in {@code LD_LIBRARY_PATH}
   * @param length most tokens of each of {@code sequences} sequences
   */
  static LlamaLibrary open(Path folder, Path file, int threads, int length, int sequences) {
    Arena arena = Arena.ofAuto();
    return new LlamaLibrary(arena, folder, file, threads, length, sequences);
  }

  private MemorySegment loadModel(Path file) {
    MemorySegment parameters = structure(functions.modelParameters);
    return pointer(functions.loadModel, arena.allocateFrom(file.toString()), parameters);
  }

  private MemorySegment newContext(int threads, int tokens, int sequences) {
    MemorySegment parameters = structure(functions.contextParameters);
    // Another version may have another layout; these are the defaults of the known one.
    boolean known =
        parameters.get(JAVA_INT, BATCH_OFFSET) == BATCH_TOKENS
            && parameters.get(JAVA_INT, STEP_OFFSET) == STEP_TOKENS
            && parameters.get(JAVA_INT, SEQUENCES_OFFSET) == 1;
    if (!known) {
      throw new BenchmarkException("this version of llama.cpp has parameters that are not known");
    }
    parameters.set(JAVA_INT, CONTEXT_OFFSET, tokens);
    parameters.set(JAVA_INT, SEQUENCES_OFFSET, sequences);
    parameters.set(JAVA_INT, THREADS_OFFSET, threads);
    parameters.set(JAVA_INT, BATCH_THREADS_OFFSET, threads);
    return pointer(functions.newContext, model, parameters);
  }

  int vocabulary() {
    return vocabulary;
  }

  /** Forgets a sequence's tokens from a position on. */
  void truncate(int sequence, int position) {
    call(functions.removeTokens, memory, sequence, position, -1);
  }

  /** Appends tokens to a sequence; the last one's logits are computed. */
  void append(int sequence, int position, int[] tokens) {
    for (int from = 0; from < tokens.length; from += STEP_TOKENS) {
      int n = Math.min(STEP_TOKENS, tokens.length - from);
      for (int i = 0; i < n; i++) {
        boolean last = from + i == tokens.length - 1;
        batch.put(i, tokens[from + i], position + from + i, sequence, last);
      }
      step(n);
    }
  }

  /** Appends one token to each sequence; all their logits are computed. */
  void decode(int position, int[] tokens) {
    for (int s = 0; s < tokens.length; s++) {
      batch.put(s, tokens[s], position, s, true);
    }
    step(tokens.length);
  }

  private void step(int tokens) {
    int code = (int) call(functions.decode, context, batch.of(tokens));
    if (code != 0) {
      throw new BenchmarkException("llama_decode of " + tokens + " tokens failed with " + code);
    }
    call(functions.synchronize, context);
  }

  /** A function that returns a structure is given where to put it. */
  private MemorySegment structure(MethodHandle function) {
    return (MemorySegment) call(function, arena);
  }

  private static MemorySegment pointer(MethodHandle function, Object... arguments) {
    return (MemorySegment) call(function, arguments);
  }

  private static Object call(MethodHandle function, Object... arguments) {
    try {
      return function.invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new BenchmarkException("a call of llama.cpp failed: " + e, e);
    }
  }

  private static MemorySegment required(String problem, MemorySegment pointer) {
    if (pointer.equals(MemorySegment.NULL)) {
      throw new BenchmarkException(problem);
    }
    return pointer;
  }

  @Override
  public void close() {
    call(functions.freeContext, context);
    call(functions.freeModel, model);
  }
}
