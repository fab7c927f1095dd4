package org.slmruntime.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MethodRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Which functions of NVIDIA's libraries are called. The bindings are of CUDA 13.1 and find a
 * function when it is first called; if the installed library lacks it, the process ends. So each
 * function is listed here after a look at when it came: all are in CUDA 12.0, except for the one
 * that is not called with older drivers.
 */
class NativeCallsTest {
  private static final Set<String> DRIVER =
      Set.of(
          "cuCtxSetCurrent",
          "cuCtxSynchronize",
          "cuDeviceGet",
          "cuDeviceGetAttribute",
          "cuDeviceGetName",
          "cuDevicePrimaryCtxRelease",
          "cuDevicePrimaryCtxRetain",
          "cuDeviceTotalMem",
          "cuDriverGetVersion",
          "cuEventCreate",
          "cuEventDestroy",
          // The bindings call cuEventElapsedTime_v2 of CUDA 12.8. Streams asks for the version
          // first.
          "cuEventElapsedTime",
          "cuEventRecord",
          "cuEventSynchronize",
          "cuFuncGetAttribute",
          "cuFuncSetAttribute",
          "cuGetErrorName",
          "cuGraphDestroy",
          "cuGraphExecDestroy",
          "cuGraphInstantiate",
          "cuGraphLaunch",
          "cuInit",
          "cuLaunchKernel",
          "cuMemAlloc",
          "cuMemAllocHost",
          "cuMemFree",
          "cuMemFreeHost",
          "cuMemGetInfo",
          "cuMemcpyDtoDAsync",
          "cuMemcpyDtoH",
          "cuMemcpyDtoHAsync",
          "cuMemcpyHtoD",
          "cuMemcpyHtoDAsync",
          "cuMemsetD8Async",
          "cuModuleGetFunction",
          "cuModuleLoadDataEx",
          "cuModuleUnload",
          "cuStreamBeginCapture",
          "cuStreamCreate",
          "cuStreamDestroy",
          "cuStreamEndCapture",
          "cuStreamSynchronize",
          "cuStreamWaitEvent");

  private static final Set<String> CUBLAS =
      Set.of(
          "cublasCreate_v2",
          "cublasDestroy_v2",
          "cublasGemmEx",
          "cublasGetStatusName",
          "cublasSetStream_v2",
          "cublasSetWorkspace_v2");

  /** What of JavaCPP itself is used; its own library comes with it. */
  private static final Set<String> JAVACPP =
      Set.of("Loader.load", "BytePointer.getString", "Pointer.address");

  private static List<ClassModel> classes;

  @BeforeAll
  static void readTheClasses() throws IOException, URISyntaxException {
    Path root =
        Path.of(GpuDriver.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(root)) {
      classes =
          files
              .filter(file -> file.toString().endsWith(".class"))
              .map(NativeCallsTest::parse)
              .toList();
    }
  }

  private static ClassModel parse(Path file) {
    try {
      return ClassFile.of().parse(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String name(ClassModel model) {
    return model.thisClass().asInternalName();
  }

  private static Stream<PoolEntry> constants(ClassModel model) {
    Iterable<PoolEntry> pool = model.constantPool();
    return StreamSupport.stream(pool.spliterator(), false);
  }

  /** Methods of the bindings that are called, constructors aside. */
  private static Set<String> called(String owner) {
    Set<String> called = new TreeSet<>();
    classes.stream()
        .flatMap(NativeCallsTest::constants)
        .filter(entry -> entry instanceof MethodRefEntry)
        .map(entry -> (MethodRefEntry) entry)
        .filter(method -> method.owner().asInternalName().equals(owner))
        .forEach(method -> called.add(method.name().stringValue()));
    called.remove("<init>");
    return called;
  }

  @Test
  void onlyTheDriversPackageKnowsTheBindings() {
    Set<String> users = new TreeSet<>();
    for (ClassModel model : classes) {
      boolean uses =
          constants(model)
              .anyMatch(
                  entry ->
                      entry instanceof ClassEntry type
                          && type.asInternalName().contains("org/bytedeco/"));
      if (uses) {
        users.add(name(model));
      }
    }
    assertTrue(users.contains("org/slmruntime/cuda/driver/JavaCppDriver"), users.toString());
    for (String user : users) {
      assertTrue(user.startsWith("org/slmruntime/cuda/driver/"), user);
    }
  }

  @Test
  void callsOnlyListedFunctionsOfTheDriver() {
    assertEquals(new TreeSet<>(DRIVER), called("org/bytedeco/cuda/global/cudart"));
  }

  @Test
  void callsOnlyListedFunctionsOfCublas() {
    assertEquals(new TreeSet<>(CUBLAS), called("org/bytedeco/cuda/global/cublas"));
  }

  /** A missing cuBLAS must not keep other classes from loading. */
  @Test
  void onlyOneClassKnowsCublas() {
    List<String> users =
        classes.stream()
            .filter(
                model ->
                    constants(model)
                        .anyMatch(
                            entry ->
                                entry instanceof ClassEntry type
                                    && type.asInternalName().contains("/cublas")))
            .map(NativeCallsTest::name)
            .toList();
    assertEquals(List.of("org/slmruntime/cuda/driver/CublasGemm"), users);
  }

  @Test
  void callsNothingElseOfTheBindings() {
    Set<String> called = new TreeSet<>();
    for (ClassModel model : classes) {
      constants(model)
          .filter(entry -> entry instanceof MethodRefEntry)
          .map(entry -> (MethodRefEntry) entry)
          .filter(method -> method.owner().asInternalName().startsWith("org/bytedeco/"))
          .filter(method -> !method.owner().asInternalName().contains("/global/"))
          .filter(method -> !method.name().stringValue().equals("<init>"))
          .forEach(method -> called.add(simple(method)));
    }
    assertTrue(JAVACPP.containsAll(called), called.toString());
  }

  private static String simple(MethodRefEntry method) {
    String owner = method.owner().asInternalName();
    return owner.substring(owner.lastIndexOf('/') + 1) + "." + method.name().stringValue();
  }
}
