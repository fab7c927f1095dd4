package org.slmruntime.natives;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where the libraries of CUDA 13 lie that the driver's bindings load: the runtime, which they are
 * linked with, and cuBLAS, which only makes long prompts faster. Immutable.
 */
public record CudaLibraries(Answer cudart, Answer cublas, Answer cublasLt) {
  /**
   * System property with folders, separated by colons, or toolkits' roots. If it is set nothing
   * else is searched.
   */
  public static final String PROPERTY = "slm.cuda.libraries";

  /** What was found out about one library. */
  public sealed interface Answer {
    /** The file's name, e.g. {@code libcudart.so.13}. */
    String name();

    /** For people: the path, or why there is none. */
    String told();
  }

  /**
   * @param rule which of the places it was in, e.g. {@code CUDA_PATH}
   */
  public record Found(String name, Path path, String rule) implements Answer {
    @Override
    public String told() {
      return path + " (" + rule + ")";
    }
  }

  /**
   * @param reason one line: where it was looked for, and what would help
   */
  public record Missing(String name, String reason) implements Answer {
    @Override
    public String told() {
      return reason;
    }
  }

  /** Looks now, in the file system alone: nothing is loaded. Never throws. */
  public static CudaLibraries find() {
    return find(
        new LibraryPlaces(
            Path.of("/"), System.getenv(), Optional.ofNullable(System.getProperty(PROPERTY))));
  }

  static CudaLibraries find(LibraryPlaces places) {
    LibrarySearch search = new LibrarySearch(places.all());
    return new CudaLibraries(
        search.find("libcudart.so.13", "pip install nvidia-cuda-runtime"),
        search.find("libcublas.so.13", "pip install nvidia-cublas"),
        search.find("libcublasLt.so.13", "pip install nvidia-cublas"));
  }

  /** Folders of what was found, without repetition: where the bindings shall look. */
  public List<Path> folders() {
    Set<Path> folders = new LinkedHashSet<>();
    Stream.of(cudart, cublas, cublasLt)
        .forEach(
            answer -> {
              if (answer instanceof Found found) {
                folders.add(found.path().getParent());
              }
            });
    return List.copyOf(folders);
  }

  /** Why the bindings cannot be loaded. */
  public Optional<String> runtimeProblem() {
    return problem(cudart);
  }

  /** Why there is no cuBLAS. It is of two files, and useless without either. */
  public Optional<String> blasProblem() {
    return problem(cublas).or(() -> problem(cublasLt));
  }

  private static Optional<String> problem(Answer answer) {
    return answer instanceof Missing missing ? Optional.of(missing.reason()) : Optional.empty();
  }
}
