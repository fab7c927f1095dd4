package org.slmruntime.benchmarks.compare;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slmruntime.benchmarks.BenchmarkException;

/** The functions of llama.cpp's C interface that a measurement needs. */
@SuppressWarnings("restricted") // calling native code is what this is for
final class LlamaFunctions {
  /**
   * Parameters are passed by value. This is more than any of their structures has: on the ABIs in
   * question a callee reads no further than it needs.
   */
  static final StructLayout PARAMETERS =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(64, JAVA_LONG));

  /** {@code llama_batch}: a count and six arrays. */
  static final StructLayout BATCH =
      MemoryLayout.structLayout(
          JAVA_INT.withName("n_tokens"),
          MemoryLayout.paddingLayout(4),
          ADDRESS.withName("token"),
          ADDRESS.withName("embd"),
          ADDRESS.withName("pos"),
          ADDRESS.withName("n_seq_id"),
          ADDRESS.withName("seq_id"),
          ADDRESS.withName("logits"));

  final MethodHandle loadBackends;
  final MethodHandle init;
  final MethodHandle modelParameters;
  final MethodHandle contextParameters;
  final MethodHandle loadModel;
  final MethodHandle newContext;
  final MethodHandle freeModel;
  final MethodHandle freeContext;
  final MethodHandle vocabulary;
  final MethodHandle tokenCount;
  final MethodHandle memory;
  final MethodHandle removeTokens;
  final MethodHandle decode;
  final MethodHandle synchronize;

  private final SymbolLookup symbols;

  /** Loads the libraries of a folder, for the rest of the process. */
  LlamaFunctions(Path folder) {
    symbols = library(folder, "libggml.").or(library(folder, "libllama."));
    loadBackends = find("ggml_backend_load_all_from_path", FunctionDescriptor.ofVoid(ADDRESS));
    init = find("llama_backend_init", FunctionDescriptor.ofVoid());
    modelParameters = find("llama_model_default_params", FunctionDescriptor.of(PARAMETERS));
    contextParameters = find("llama_context_default_params", FunctionDescriptor.of(PARAMETERS));
    loadModel =
        find("llama_model_load_from_file", FunctionDescriptor.of(ADDRESS, ADDRESS, PARAMETERS));
    newContext = find("llama_init_from_model", FunctionDescriptor.of(ADDRESS, ADDRESS, PARAMETERS));
    freeModel = find("llama_model_free", FunctionDescriptor.ofVoid(ADDRESS));
    freeContext = find("llama_free", FunctionDescriptor.ofVoid(ADDRESS));
    vocabulary = find("llama_model_get_vocab", FunctionDescriptor.of(ADDRESS, ADDRESS));
    tokenCount = find("llama_vocab_n_tokens", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    memory = find("llama_get_memory", FunctionDescriptor.of(ADDRESS, ADDRESS));
    removeTokens =
        find(
            "llama_memory_seq_rm",
            FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT));
    decode = find("llama_decode", FunctionDescriptor.of(JAVA_INT, ADDRESS, BATCH));
    synchronize = find("llama_synchronize", FunctionDescriptor.ofVoid(ADDRESS));
  }

  private static SymbolLookup library(Path folder, String prefix) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, prefix + "*so*")) {
      for (Path file : files) {
        return SymbolLookup.libraryLookup(file, Arena.global());
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new BenchmarkException(folder + ": cannot be loaded: " + e.getMessage(), e);
    }
    throw new BenchmarkException(folder + ": has no " + prefix + "so");
  }

  private MethodHandle find(String name, FunctionDescriptor type) {
    return symbols
        .find(name)
        .map(address -> Linker.nativeLinker().downcallHandle(address, type))
        .orElseThrow(() -> new BenchmarkException("llama.cpp has no function " + name));
  }
}
