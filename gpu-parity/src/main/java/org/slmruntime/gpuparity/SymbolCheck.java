package org.slmruntime.gpuparity;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slmruntime.natives.CudaLibraries;
import org.slmruntime.natives.CudaLibraries.Answer;
import org.slmruntime.natives.CudaLibraries.Found;

/**
 * What the bindings name and the installed libraries lack. Calling such a function ends the
 * process, so that none of them may be among those that the driver's border calls.
 */
final class SymbolCheck {
  private static final String FOLDER = "/org/bytedeco/cuda/linux-x86_64/";

  private SymbolCheck() {}

  static SectionResult run(CudaLibraries libraries) {
    List<Map<String, Object>> rows = new ArrayList<>();
    rows.add(row("libjnicudart.so", "cuda", List.of(libraries.cudart())));
    rows.add(row("libjnicublas.so", "cublas", List.of(libraries.cublas(), libraries.cublasLt())));
    return new SectionResult("symbols", true, "functions that the bindings name", rows);
  }

  /** Names with a prefix, the driver's own left out: {@code cudaMalloc}, not {@code cuMemAlloc}. */
  private static Map<String, Object> row(String binding, String prefix, List<Answer> answers) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("bindings", binding);
    Set<String> missing = new TreeSet<>();
    Set<String> defined = new TreeSet<>();
    for (Answer answer : answers) {
      if (answer instanceof Found found) {
        defined.addAll(read(found.path()).defined());
      } else {
        row.put("missing", "not compared: " + answer.told());
        return row;
      }
    }
    missing.addAll(bindings(binding).wanted());
    missing.removeIf(name -> !name.startsWith(prefix) || defined.contains(name));
    row.put("missing", missing.isEmpty() ? "none" : String.join(", ", missing));
    return row;
  }

  private static ElfSymbols read(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      long bytes = Math.min(channel.size(), Integer.MAX_VALUE);
      return ElfSymbols.read(channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ElfSymbols bindings(String name) {
    try (InputStream in = SymbolCheck.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new IllegalStateException("the class path has no " + name);
      }
      return ElfSymbols.read(ByteBuffer.wrap(in.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
