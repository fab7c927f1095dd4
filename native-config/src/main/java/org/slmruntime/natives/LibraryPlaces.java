package org.slmruntime.natives;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slmruntime.natives.LibrarySearch.Place;

/**
 * Where CUDA's libraries may lie on Linux. Folders that are not there are left out.
 *
 * @param root what absolute paths start from
 * @param environment variables
 * @param explicit folders or toolkits' roots, separated by colons, that the user named
 */
record LibraryPlaces(Path root, Map<String, String> environment, Optional<String> explicit) {
  /** Where a toolkit, and where a Python package, keeps libraries. */
  private static final List<String> TOOLKIT = List.of("lib64", "lib", "targets/x86_64-linux/lib");

  private static final String PACKAGE = "nvidia/cu13/lib";
  private static final List<String> SYSTEM =
      List.of("/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64");

  List<Place> all() {
    if (explicit.isPresent()) {
      return List.of(explicitly(explicit.get()));
    }
    return List.of(
        variable("CUDA_PATH"), variable("CUDA_HOME"), installed(), packages(), systemLoader());
  }

  private Place explicitly(String folders) {
    List<Path> found =
        paths(folders).flatMap(f -> Stream.concat(Stream.of(f), toolkit(f))).toList();
    String rule = CudaLibraries.PROPERTY;
    return place(rule, found, rule + " names no folder: \"" + folders + "\"", true);
  }

  private Place variable(String name) {
    String value = environment.getOrDefault(name, "");
    String absent = value.isEmpty() ? name + " is not set" : name + " has no libraries: " + value;
    return place(name, paths(value).flatMap(LibraryPlaces::toolkit).toList(), absent, true);
  }

  private Place installed() {
    Stream<Path> versions = children(at("/usr/local"), "cuda-13*");
    List<Path> found =
        Stream.concat(versions, Stream.of(at("/usr/local/cuda")))
            .flatMap(LibraryPlaces::toolkit)
            .toList();
    return place("toolkit in /usr/local", found, "no /usr/local/cuda-13*", true);
  }

  /** What pip has installed: in the active environment, for the user, for everybody. */
  private Place packages() {
    Stream<Path> homes =
        Stream.of(
                environment.get("VIRTUAL_ENV"),
                environment.get("CONDA_PREFIX"),
                Optional.ofNullable(environment.get("HOME")).map(h -> h + "/.local").orElse(null),
                "/usr/local",
                "/usr")
            .flatMap(home -> home == null ? Stream.empty() : paths(home));
    List<Path> found =
        homes
            .flatMap(home -> children(home.resolve("lib"), "python3*"))
            .flatMap(python -> Stream.of("site-packages", "dist-packages").map(python::resolve))
            .map(folder -> folder.resolve(PACKAGE))
            .toList();
    return place("Python package", found, "no Python package with " + PACKAGE, true);
  }

  /** As ld.so searches; its cache holds what the files under /etc name. */
  private Place systemLoader() {
    List<Path> found =
        new ArrayList<>(paths(environment.getOrDefault("LD_LIBRARY_PATH", "")).toList());
    Optional.ofNullable(environment.get("CONDA_PREFIX"))
        .ifPresent(conda -> found.addAll(paths(conda + "/lib").toList()));
    Stream<Path> files =
        Stream.concat(
            Stream.of(at("/etc/ld.so.conf")), children(at("/etc/ld.so.conf.d"), "*.conf"));
    files.forEach(file -> configured(file).forEach(found::add));
    SYSTEM.forEach(folder -> found.add(at(folder)));
    return place("system loader", found, "the system loader has no folders", false);
  }

  private List<Path> configured(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.map(line -> line.replaceAll("#.*", "").strip()).flatMap(this::paths).toList();
    } catch (IOException | UncheckedIOException _) {
      return List.of();
    }
  }

  /** Each folder once, whatever links lead to it. */
  private static Place place(String rule, List<Path> folders, String absent, boolean listed) {
    Map<Path, Path> byRealPath = new LinkedHashMap<>();
    for (Path folder : folders) {
      try {
        byRealPath.putIfAbsent(folder.toRealPath(), folder);
      } catch (IOException _) {
        // It is not there.
      }
    }
    return new Place(rule, List.copyOf(byRealPath.values()), absent, listed);
  }

  private static Stream<Path> toolkit(Path home) {
    return TOOLKIT.stream().map(home::resolve);
  }

  /** The absolute paths of a list separated by colons. */
  private Stream<Path> paths(String list) {
    return Stream.of(list.split(":", -1)).filter(path -> path.startsWith("/")).flatMap(this::valid);
  }

  /** None where the locale's encoding has no such path. */
  private Stream<Path> valid(String path) {
    try {
      return Stream.of(at(path));
    } catch (InvalidPathException _) {
      return Stream.empty();
    }
  }

  private Path at(String absolute) {
    return root.resolve(absolute.replaceFirst("^/+", ""));
  }

  /** A folder's entries that match, the highest minor version first. */
  static Stream<Path> children(Path folder, String glob) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> matching = Files.newDirectoryStream(folder, glob)) {
      matching.forEach(found::add);
    } catch (IOException | DirectoryIteratorException _) {
      return Stream.empty();
    }
    return found.stream().sorted(Comparator.comparingInt(LibraryPlaces::minor).reversed());
  }

  /** What follows the last dot of a name, e.g. 12 of {@code python3.12}; -1 if it is no number. */
  private static int minor(Path path) {
    String name = path.getFileName().toString();
    try {
      return Integer.parseInt(name.substring(name.lastIndexOf('.') + 1));
    } catch (NumberFormatException _) {
      return -1;
    }
  }
}
