package org.slmruntime.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudaLibrariesTest {
  private static final String CUDART = "libcudart.so.13";

  /** Every place, the preferred first. */
  private static final List<String> IN_ORDER =
      List.of(
          "opt/path/lib64",
          "opt/home/lib64",
          "usr/local/cuda-13.10/lib64",
          "usr/local/cuda-13.2/lib64",
          "usr/local/cuda/lib64",
          "venv/lib/python3.12/site-packages/nvidia/cu13/lib",
          "conda/lib/python3.11/site-packages/nvidia/cu13/lib",
          "home/me/.local/lib/python3.13/site-packages/nvidia/cu13/lib",
          "home/me/.local/lib/python3.9/site-packages/nvidia/cu13/lib",
          "usr/local/lib/python3.12/dist-packages/nvidia/cu13/lib",
          "usr/lib/python3.12/dist-packages/nvidia/cu13/lib",
          "ld/first",
          "ld/second",
          "conda/lib",
          "etc-a",
          "etc-b",
          "usr/lib/x86_64-linux-gnu",
          "usr/lib64");

  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "CUDA_PATH", "/opt/path",
          "CUDA_HOME", "/opt/home",
          "VIRTUAL_ENV", "/venv",
          "CONDA_PREFIX", "/conda",
          "HOME", "/home/me",
          "LD_LIBRARY_PATH", "/ld/first:relative::/ld/second");

  @TempDir Path root;

  @Test
  void takesTheFirstPlaceThatHasTheLibrary() throws IOException {
    write("etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n/etc-a # more\n");
    write("etc/ld.so.conf.d/cuda.conf", "# a comment\n/etc-b\n");
    for (String folder : IN_ORDER) {
      write(folder + "/" + CUDART, "");
    }
    for (String folder : IN_ORDER) {
      Path expected = root.resolve(folder).resolve(CUDART);
      assertEquals(expected, found(find(ENVIRONMENT).cudart()).path());
      Files.delete(expected);
    }
    assertInstanceOf(CudaLibraries.Missing.class, find(ENVIRONMENT).cudart());
  }

  @ParameterizedTest
  @CsvSource({
    "opt/path/lib64, CUDA_PATH",
    "opt/path/targets/x86_64-linux/lib, CUDA_PATH",
    "usr/local/cuda-13.0/lib, toolkit in /usr/local",
    "venv/lib/python3.12/site-packages/nvidia/cu13/lib, Python package",
    "usr/lib64, system loader"
  })
  void saysByWhichRuleItFoundALibrary(String folder, String rule) throws IOException {
    write(folder + "/" + CUDART, "");
    CudaLibraries libraries = find(ENVIRONMENT);
    assertEquals(rule, found(libraries.cudart()).rule());
    assertEquals(List.of(root.resolve(folder)), libraries.folders());
    assertEquals(Optional.empty(), libraries.runtimeProblem());
  }

  @Test
  void searchesNothingButWhatTheUserNamed() throws IOException {
    write("opt/path/lib64/" + CUDART, "");
    write("mine/libcublas.so.13", "");
    write("toolkit/lib64/libcublasLt.so.13", "");
    LibraryPlaces places =
        new LibraryPlaces(root, ENVIRONMENT, Optional.of("/mine:/no-such-folder:/toolkit"));
    CudaLibraries libraries = CudaLibraries.find(places);
    assertEquals(root.resolve("mine/libcublas.so.13"), found(libraries.cublas()).path());
    assertEquals(
        root.resolve("toolkit/lib64/libcublasLt.so.13"), found(libraries.cublasLt()).path());
    String reason = libraries.runtimeProblem().orElseThrow();
    assertTrue(reason.contains("mine") && reason.contains(CudaLibraries.PROPERTY), reason);
    assertFalse(reason.contains("opt/path"), reason);
  }

  @Test
  void saysWhereItLookedAndWhatWouldHelp() throws IOException {
    Files.createDirectories(root.resolve("opt/path/lib64"));
    String reason = find(Map.of("CUDA_PATH", "/opt/path")).runtimeProblem().orElseThrow();
    for (String part :
        List.of(
            CUDART + " was not found",
            root.resolve("opt/path/lib64").toString(),
            "CUDA_HOME is not set",
            "no /usr/local/cuda-13*",
            "toolkit 13",
            "pip install nvidia-cuda-runtime")) {
      assertTrue(reason.contains(part), () -> part + " is not in " + reason);
    }
    assertFalse(reason.contains("\n"), reason);
  }

  @Test
  void namesALibraryOfAnotherRelease() throws IOException {
    write("usr/local/cuda/lib64/libcudart.so.12", "");
    String reason = find(Map.of()).runtimeProblem().orElseThrow();
    assertTrue(reason.contains(root.resolve("usr/local/cuda/lib64/libcudart.so.12") + ""), reason);
  }

  @Test
  void takesAFolderOfThatNameForNoLibrary() throws IOException {
    Files.createDirectories(root.resolve("usr/lib64").resolve(CUDART));
    assertTrue(find(Map.of()).runtimeProblem().isPresent());
  }

  @Test
  void hasNoBlasWhereOneOfItsTwoFilesIsMissing() throws IOException {
    write("usr/lib64/libcublas.so.13", "");
    String problem = find(Map.of()).blasProblem().orElseThrow();
    assertTrue(problem.startsWith("libcublasLt.so.13 was not found"), problem);
    write("usr/lib64/libcublasLt.so.13", "");
    assertEquals(Optional.empty(), find(Map.of()).blasProblem());
  }

  @Test
  void looksAtAFolderOnceWhateverLinksLeadToIt() throws IOException {
    write("usr/local/cuda-13.0/lib/other", "");
    Files.createSymbolicLink(root.resolve("usr/local/cuda"), root.resolve("usr/local/cuda-13.0"));
    Files.createSymbolicLink(
        root.resolve("usr/local/cuda-13.0/lib64"), root.resolve("usr/local/cuda-13.0/lib"));
    String reason = find(Map.of()).runtimeProblem().orElseThrow();
    String only = root.resolve("usr/local/cuda-13.0/lib64") + " (toolkit";
    assertTrue(reason.contains("not in " + only), reason);
  }

  private CudaLibraries find(Map<String, String> environment) {
    return CudaLibraries.find(new LibraryPlaces(root, environment, Optional.empty()));
  }

  private static CudaLibraries.Found found(CudaLibraries.Answer answer) {
    return assertInstanceOf(CudaLibraries.Found.class, answer, answer::told);
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
