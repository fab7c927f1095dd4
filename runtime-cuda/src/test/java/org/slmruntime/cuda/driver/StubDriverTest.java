package org.slmruntime.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.slmruntime.cuda.driver.StubLibraries.Outcome;
import org.slmruntime.natives.CudaProbe;

/** Every call goes through the real bindings, to libraries in C that stand in for NVIDIA's. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64", disabledReason = "no bindings")
class StubDriverTest {
  @TempDir static Path folder;
  private static StubLibraries stubs;

  @BeforeAll
  static void compileTheLibraries() throws IOException, InterruptedException {
    Assumptions.assumeTrue(StubLibraries.canCompile(), "there is no C compiler");
    stubs = StubLibraries.compile(folder);
  }

  private static Outcome run(String scenario, Map<String, String> environment)
      throws IOException, InterruptedException {
    Outcome outcome = stubs.run(scenario, environment);
    assertEquals(0, outcome.exit(), outcome.output());
    return outcome;
  }

  @Test
  void copiesBetweenHeapPinnedAndDeviceMemory() throws IOException, InterruptedException {
    Outcome outcome = run("copies", Map.of());
    assertEquals(
        "GpuInfo[ordinal=1, name=Stub 1, driverVersion=13000, computeCapability=90,"
            + " multiprocessors=132, memoryBytes=6000000000]",
        outcome.said("info"),
        outcome.output());
    assertEquals("5000000000", outcome.said("free"));
    assertEquals("true", outcome.said("heap"));
    assertEquals("5", outcome.said("filled"));
    assertEquals("42", outcome.said("copied"));
    assertEquals("unreadable", outcome.said("freed"));
  }

  @Test
  void givesBackEverythingWhenClosed() throws IOException, InterruptedException {
    Outcome outcome = run("copies", Map.of());
    for (List<String> pair :
        List.of(
            List.of("allocate ", "free"),
            List.of("create stream", "destroy stream"),
            List.of("load", "unload"),
            List.of("retain 1", "release 1"))) {
      assertTrue(outcome.count(pair.getFirst()) > 0, outcome.calls().toString());
      assertEquals(
          outcome.count(pair.getFirst()), outcome.count(pair.getLast()), outcome.calls()::toString);
    }
    assertEquals("release 1", outcome.calls().getLast());
  }

  @Test
  void launchesWithTheValuesOfTheLaunchAndGraphsWithThoseOfTheRecording()
      throws IOException, InterruptedException {
    Outcome outcome = run("launches", Map.of());
    assertEquals("17", outcome.said("launched"), outcome.output());
    assertEquals("17", outcome.said("recorded"));
    assertEquals("18", outcome.said("replayed"));
    assertEquals("19", outcome.said("launched again"));
    assertEquals(4, outcome.count("launch 2 3 4, 5 6 7, 1024"), outcome.calls().toString());
    assertEquals(1, outcome.count("create stream 1"), "streams must not wait for the default one");
    assertEquals(1, outcome.count("capture mode 1"), "captures must be of this thread alone");
    assertEquals(1, outcome.count("destroy graph"));
    assertEquals(1, outcome.count("destroy runnable graph"));
    assertEquals(1, outcome.count("load PTX of stub"));
  }

  @Test
  void takesTimesOnlyFromDriversThatCan() throws IOException, InterruptedException {
    assertEquals("1.5", run("events", Map.of()).said("millis"));
    assertEquals("NaN", run("events", Map.of("STUB_VERSION", "12040")).said("millis"));
  }

  @Test
  void multipliesRowMajorMatricesWithCublas() throws IOException, InterruptedException {
    Outcome outcome = run("products", Map.of());
    assertEquals("null", outcome.said("missing"), outcome.output());
    assertEquals("[6.0, 3.5, 0.0, 0.0, -1.0, -6.0]", outcome.said("f32"));
    assertEquals("[1.0, 2.0, 0.0, 0.0, 1.0, 2.0]", outcome.said("strided"));
    assertEquals("[6.0, 3.5, 0.0, 0.0, -1.0, -6.0]", outcome.said("bf16"));
    assertEquals(2, outcome.count("cublas workspace 33554432"), "one for each new stream");
    assertEquals(1, outcome.count("cublas destroy"));
  }

  @Test
  void saysWhyThereIsNoCublas() throws IOException, InterruptedException {
    String refused = run("products", Map.of("STUB_NO_CUBLAS", "1")).said("missing");
    assertTrue(refused.contains("CUBLAS_STATUS_ALLOC_FAILED (3)"), refused);
    String old = run("products", Map.of("STUB_VERSION", "12040")).said("missing");
    assertTrue(old.contains("12.4"), old);
  }

  @Test
  void makesNoGarbageOnceItRuns() throws IOException, InterruptedException {
    Outcome outcome = run("garbage", Map.of("STUB_QUIET", "1"));
    assertEquals("0", outcome.said("garbage"), outcome.output());
  }

  @Test
  void refusesEverythingButClosingAfterTheContextWasLost()
      throws IOException, InterruptedException {
    Outcome outcome = run("lost", Map.of("STUB_FAIL", "cuStreamSynchronize:700"));
    String cause = "cuStreamSynchronize: CUDA_ERROR_ILLEGAL_ADDRESS (700)";
    assertTrue(outcome.said("wait").startsWith(cause), outcome.output());
    String refusal = "the GPU's context was lost by " + cause + ": open the model again";
    for (String call : List.of("allocate", "launch")) {
      assertTrue(outcome.said(call).startsWith(refusal), outcome.output());
      assertTrue(outcome.said(call).endsWith("[sticky]"), outcome.output());
    }
    for (String call : List.of("free", "free pinned", "destroy stream")) {
      assertEquals("done", outcome.said(call), outcome.output());
    }
    assertEquals(0, outcome.count("free"), "a lost context takes nothing back");
    assertEquals(1, outcome.count("release 1"), outcome.calls().toString());
  }

  @Test
  void saysWhichCallFailedHowAndWhatToDo() throws IOException, InterruptedException {
    Outcome memory = run("copies", Map.of("STUB_FAIL", "cuMemAlloc:2"));
    assertEquals(
        "cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY (2), 4194304 bytes: choose a shorter context, fewer"
            + " sequences or a smaller model",
        memory.said("failed"),
        memory.output());
    Outcome module = run("copies", Map.of("STUB_FAIL", "cuModuleLoadDataEx:222"));
    assertEquals(
        "cuModuleLoadDataEx: CUDA_ERROR_OF_STUB (222), module stub: ptxas fatal   : stub cannot"
            + " read this: update the NVIDIA driver",
        module.said("failed"),
        module.output());
    assertEquals(1, module.count("release 1"), "the context must be given back");
  }

  @Test
  void namesTheKernelThatFailedWhenWaitingForEach() throws IOException, InterruptedException {
    Outcome outcome = run("sync", Map.of("STUB_FAIL", "cuStreamSynchronize:700"));
    String said = outcome.said("failed");
    assertTrue(said.startsWith("kernel set_int with Grid[x=2"), outcome.output());
    assertTrue(said.contains("CUDA_ERROR_ILLEGAL_ADDRESS (700)"), outcome.output());
    assertTrue(said.endsWith("[sticky]"), outcome.output());
  }

  @Test
  void runsTheSameOneByOneWhenWaitingForEach() throws IOException, InterruptedException {
    Outcome outcome = run("sync", Map.of());
    assertEquals("17", outcome.said("recorded"), outcome.output());
    assertEquals("18", outcome.said("replayed"));
    assertEquals("19", outcome.said("launched again"));
    assertEquals(1, outcome.count("capture"));
    assertEquals(1, outcome.count("destroy runnable graph"), "it is kept by its launches");
  }

  @Test
  void unpacksItsLibrariesToTheUsersCache() throws IOException, InterruptedException {
    run("events", Map.of());
    assertFalse(Files.exists(folder.resolve(".javacpp")));
    try (Stream<Path> files = Files.walk(folder.resolve(".cache/slm-runtime/javacpp"))) {
      assertTrue(files.anyMatch(file -> file.endsWith("libjnicudart.so")));
    }
  }

  @Test
  void leavesWhatTheUserHasSet() throws IOException, InterruptedException {
    Path chosen = folder.resolve("chosen");
    String option = "-Dorg.bytedeco.javacpp.cachedir=" + chosen;
    run("events", Map.of("JDK_JAVA_OPTIONS", option));
    try (Stream<Path> files = Files.walk(chosen)) {
      assertTrue(files.anyMatch(file -> file.endsWith("libjnicudart.so")));
    }
  }

  @Test
  void saysWhyTheBindingsCannotBeLoaded() throws IOException, InterruptedException {
    String said = run("events", Map.of("LD_BIND_NOW", "1")).said("failed");
    assertTrue(said.startsWith("the CUDA bindings cannot be loaded: "), said);
    assertTrue(said.contains("undefined symbol"), said);
  }

  @Test
  void loadsTheLibrariesThatTheSearchFound() throws IOException, InterruptedException {
    run("events", Map.of());
    try (Stream<Path> files = Files.walk(folder.resolve(".cache"))) {
      Path link = files.filter(file -> file.endsWith("libcudart.so.13")).findAny().orElseThrow();
      assertEquals(folder.toRealPath(), link.toRealPath().getParent());
    }
  }

  @Test
  void goesWithoutCublasIfItsFilesAreNotThere(@TempDir Path other)
      throws IOException, InterruptedException {
    Outcome outcome = StubLibraries.compile(other, "cublasLt").run("products", Map.of());
    assertEquals(0, outcome.exit(), outcome.output());
    assertTrue(outcome.said("missing").contains("libcublasLt.so.13"), outcome.output());
    assertEquals(0, outcome.count("cublas create"));
  }

  @Test
  void saysThatTheDriverIsMissing(@TempDir Path other) throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        CudaProbe.probe() instanceof CudaProbe.Missing, "this machine has a driver");
    Outcome outcome = StubLibraries.compile(other, "cuda").run("events", Map.of());
    assertEquals(0, outcome.exit(), outcome.output());
    String said = outcome.said("failed");
    assertTrue(said.startsWith("the CUDA bindings cannot be loaded: "), said);
    assertTrue(said.contains("libcuda.so.1: cannot open shared object file"), said);
  }

  @Test
  void loadsNoBindingsToProbe() throws IOException, InterruptedException {
    Outcome outcome = run("probe", Map.of("JDK_JAVA_OPTIONS", "-Xlog:class+load"));
    assertTrue(outcome.said("probe").startsWith("Available[device=Stub 0"), outcome.output());
    assertTrue(outcome.output().contains("org.slmruntime.cuda.CudaBackendProvider"));
    assertFalse(outcome.output().contains("org.bytedeco."), outcome.output());
  }
}
