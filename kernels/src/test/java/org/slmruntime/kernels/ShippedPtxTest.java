package org.slmruntime.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slmruntime.ptx.PtxEntry;
import org.slmruntime.ptx.PtxModule;

/** The catalog is what callers go by, so every module must be just what it says. */
class ShippedPtxTest {
  private static final Path FOLDER = Path.of("src/main/resources/org/slmruntime/kernels/ptx");
  private static final KernelCatalog CATALOG = KernelCatalog.load();

  static Set<String> shippedModules() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".ptx"))
          .map(name -> name.substring(0, name.length() - ".ptx".length()))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static List<KernelSignature> signatures(String module) {
    return CATALOG.all().stream().filter(s -> s.module().equals(module)).toList();
  }

  @Test
  void everyModuleOfTheCatalogIsShippedAndNoOther() throws IOException {
    Set<String> named =
        CATALOG.all().stream()
            .map(KernelSignature::module)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(named, shippedModules());
  }

  @ParameterizedTest
  @MethodSource("shippedModules")
  void holdsTheEntriesThatTheCatalogNamesAndNoOther(String module) {
    PtxModule ptx = PtxModule.parse(module, KernelLab.ptx(module));
    Set<String> named =
        signatures(module).stream()
            .map(KernelSignature::entry)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(named, new TreeSet<>(ptx.entries()), module);
  }

  @ParameterizedTest
  @MethodSource("shippedModules")
  void takesTheArgumentsThatTheCatalogDeclares(String module) {
    PtxModule ptx = PtxModule.parse(module, KernelLab.ptx(module));
    assertFalse(signatures(module).isEmpty(), module + " is not in the catalog");
    for (KernelSignature signature : signatures(module)) {
      PtxEntry entry = ptx.entry(signature.entry());
      assertEquals(
          signature.arguments().stream()
              .map(a -> declared(a.type()) + " at " + a.offset())
              .toList(),
          entry.parameters().stream()
              .map(p -> p.type() + " of " + p.bytes() + " at " + p.offset())
              .toList(),
          signature.entry());
    }
  }

  private static String declared(KernelSignature.Type type) {
    return switch (type) {
          case MATRIX -> "b8";
          case POINTER -> "u64";
          case INT -> "u32";
          case FLOAT -> "f32";
        }
        + " of "
        + type.bytes();
  }
}
