package org.slmruntime.natives;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Whether the native bindings to CUDA can be loaded into this process.
 *
 * @param system as {@code os.name} has it
 * @param architecture as {@code os.arch} has it
 * @param glibc version of the C library, e.g. {@code 2.36}; empty if it is another one
 * @param bindNow whether {@code LD_BIND_NOW} is set
 */
record NativePlatform(String system, String architecture, Optional<String> glibc, boolean bindNow) {
  private static final int MINIMUM_MINOR = 34;

  /** Of {@code gnu_get_libc_version}; in the native-image metadata too. */
  static final FunctionDescriptor VERSION = FunctionDescriptor.of(ValueLayout.ADDRESS);

  static NativePlatform probe() {
    return new NativePlatform(
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        glibcVersion(),
        !System.getenv().getOrDefault("LD_BIND_NOW", "").isEmpty());
  }

  /** What keeps the bindings from being loaded, in one line. */
  Optional<String> problem() {
    if (!system.equals("Linux") || !architecture.equals("amd64")) {
      return Optional.of(
          "the CUDA bindings are for Linux on amd64, and this is "
              + system
              + " on "
              + architecture);
    }
    if (bindNow) {
      // The bindings name functions of later releases, which must not be looked for until called.
      return Optional.of("LD_BIND_NOW is set, with which the CUDA bindings cannot load: unset it");
    }
    if (!glibc.map(NativePlatform::isRecent).orElse(false)) {
      return Optional.of(
          "the CUDA bindings need glibc 2."
              + MINIMUM_MINOR
              + " and this system has "
              + glibc.map(version -> "glibc " + version).orElse("another C library")
              + ": Ubuntu 22.04, Debian 12 and RHEL 9 or newer have it");
    }
    return Optional.empty();
  }

  /** A version that cannot be read counts as recent: loading will tell. */
  private static boolean isRecent(String version) {
    String[] parts = version.split("\\.", -1);
    try {
      int major = Integer.parseInt(parts[0]);
      return major > 2 || major == 2 && Integer.parseInt(parts[1]) >= MINIMUM_MINOR;
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException _) {
      return true;
    }
  }

  @SuppressWarnings("restricted") // Asking the C library is what this is for.
  private static Optional<String> glibcVersion() {
    Linker linker = Linker.nativeLinker();
    SymbolLookup symbols = linker.defaultLookup();
    return symbols
        .find("gnu_get_libc_version")
        .map(address -> linker.downcallHandle(address, VERSION))
        .map(
            function -> {
              try {
                MemorySegment text = (MemorySegment) function.invokeExact();
                return text.reinterpret(64).getString(0, StandardCharsets.US_ASCII);
              } catch (Throwable e) {
                throw new AssertionError("a function without arguments failed", e);
              }
            });
  }
}
