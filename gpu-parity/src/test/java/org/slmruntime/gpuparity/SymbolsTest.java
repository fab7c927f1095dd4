package org.slmruntime.gpuparity;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slmruntime.natives.CudaLibraries;
import org.slmruntime.natives.CudaLibraries.Missing;

class SymbolsTest {
  @Test
  void readsWhatALibraryHasAndWants() throws IOException {
    ElfSymbols symbols;
    String name = "/org/bytedeco/cuda/linux-x86_64/libjnicudart.so";
    try (InputStream in = SymbolsTest.class.getResourceAsStream(name)) {
      symbols = ElfSymbols.read(ByteBuffer.wrap(in.readAllBytes()));
    }
    assertTrue(symbols.wanted().contains("cuLaunchKernel"), symbols.wanted()::toString);
    assertTrue(
        symbols.defined().stream().anyMatch(s -> s.startsWith("Java_org_bytedeco_cuda_global")));
    assertFalse(symbols.defined().contains("cuLaunchKernel"));
  }

  @Test
  void refusesWhatIsNoLibrary() {
    ByteBuffer nothing = ByteBuffer.wrap(new byte[100]);
    assertThrows(IllegalArgumentException.class, () -> ElfSymbols.read(nothing));
  }

  @Test
  void saysWhichLibraryItCouldNotCompare() {
    Missing gone = new Missing("x", "x was not found");
    SectionResult result = SymbolCheck.run(new CudaLibraries(gone, gone, gone));
    for (var row : result.rows()) {
      assertTrue(row.get("missing").toString().contains("x was not found"), row::toString);
    }
    assertTrue(result.rows().size() == 2, List.of(result)::toString);
  }
}
