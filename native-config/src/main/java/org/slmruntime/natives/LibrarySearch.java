package org.slmruntime.natives;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slmruntime.natives.CudaLibraries.Answer;
import org.slmruntime.natives.CudaLibraries.Found;
import org.slmruntime.natives.CudaLibraries.Missing;

/**
 * Takes the first of the places that has a library.
 *
 * @param places in order of preference
 */
record LibrarySearch(List<Place> places) {
  /**
   * Folders that one rule names.
   *
   * @param absent what to say if there are none, e.g. {@code CUDA_PATH is not set}
   * @param listed whether people want to read them all
   */
  record Place(String rule, List<Path> folders, String absent, boolean listed) {
    String looked() {
      if (folders.isEmpty()) {
        return absent;
      }
      String where =
          listed
              ? folders.stream().map(Path::toString).collect(Collectors.joining(", "))
              : folders.size() + " folders";
      return "not in " + where + " (" + rule + ")";
    }
  }

  /**
   * @param help what to install
   */
  Answer find(String name, String help) {
    for (Place place : places) {
      for (Path folder : place.folders) {
        Path file = folder.resolve(name);
        if (Files.isRegularFile(file) && Files.isReadable(file)) {
          return new Found(name, file, place.rule);
        }
      }
    }
    String looked = places.stream().map(Place::looked).collect(Collectors.joining("; "));
    String other = otherRelease(name).map(file -> " (another release is: " + file + ")").orElse("");
    String what = "install NVIDIA's CUDA toolkit 13, or " + help;
    return new Missing(name, name + " was not found" + other + ": " + looked + "; " + what);
  }

  /** The library in a version that does not serve, so that nobody wonders why it was not seen. */
  private Optional<Path> otherRelease(String name) {
    String glob = name.substring(0, name.lastIndexOf('.')) + ".[0-9]*";
    return places.stream()
        .flatMap(place -> place.folders.stream())
        .flatMap(folder -> LibraryPlaces.children(folder, glob))
        .findFirst();
  }
}
