package org.slmruntime.natives;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import java.util.Optional;

/**
 * Finds the first library that can be loaded and asks it for its devices.
 *
 * @param loader how a library is loaded
 * @param memory whether free memory is asked for, which takes a context
 */
record CudaSearch(Loader loader, boolean memory) {
  /** Loads a library. */
  @FunctionalInterface
  interface Loader {
    /**
     * The library's symbols, or empty if there is no such library.
     *
     * @param arena lives as long as the symbols are used
     */
    Optional<SymbolLookup> load(String library, Arena arena);
  }

  CudaProbe probe(List<String> libraries) {
    try (Arena arena = Arena.ofConfined()) {
      for (String library : libraries) {
        Optional<SymbolLookup> symbols = loader.load(library, arena);
        if (symbols.isPresent()) {
          return new CudaDriver(library, symbols.get(), arena, memory).probe();
        }
      }
      // The other places are where this library would be: naming it is enough.
      String missing = libraries.getFirst();
      return new CudaProbe.Missing(
          "no NVIDIA driver: " + missing + " was not found; install NVIDIA's driver 580 or newer");
    }
  }

  /** Never unloads it: a driver that was initialised has threads that run its code. */
  @SuppressWarnings("restricted") // Loading the driver is what this class is for.
  static Optional<SymbolLookup> load(String library, Arena arena) {
    try {
      return Optional.of(SymbolLookup.libraryLookup(library, Arena.global()));
    } catch (IllegalArgumentException | IllegalCallerException _) {
      return Optional.empty();
    }
  }
}
