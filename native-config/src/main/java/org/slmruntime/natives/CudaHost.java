package org.slmruntime.natives;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slmruntime.natives.CudaProbe.Device;
import org.slmruntime.natives.CudaProbe.Found;
import org.slmruntime.natives.CudaProbe.Missing;

/**
 * Everything that CUDA needs of this machine, and what is missing. Immutable.
 *
 * @param driver NVIDIA's driver and its devices
 * @param libraries the toolkit's libraries
 * @param platformProblem why native bindings cannot be loaded at all
 */
public record CudaHost(
    CudaProbe driver, CudaLibraries libraries, Optional<String> platformProblem) {
  private static final int OLDEST_DRIVER = 12_000;
  private static final int BLAS_DRIVER = 13_000;

  /** Which device to use. */
  public sealed interface Choice {}

  public record Chosen(int index, Device device) implements Choice {}

  /**
   * @param reason one line: what is missing and what would help
   */
  public record Refused(String reason) implements Choice {}

  /** Looks now. Never throws. */
  public static CudaHost probe() {
    return of(CudaProbe.probe());
  }

  /** The same with the devices' free memory, for which each gets a context for a moment. */
  public static CudaHost probeMemory() {
    return of(CudaProbe.probeMemory());
  }

  /** With a driver that was looked for before; looks for everything else now. */
  public static CudaHost of(CudaProbe driver) {
    return new CudaHost(driver, CudaLibraries.find(), NativePlatform.probe().problem());
  }

  /** Why no device can be used, in one line; empty if one can. */
  public Optional<String> problem() {
    return choose(-1) instanceof Refused refused ? Optional.of(refused.reason()) : Optional.empty();
  }

  /**
   * Chooses a device.
   *
   * @param wanted index of a device; negative for the first that can be used
   */
  public Choice choose(int wanted) {
    return switch (driver) {
      case Missing missing -> new Refused(missing.reason());
      case Found found ->
          obstacle(found)
              .<Choice>map(Refused::new)
              .orElseGet(() -> wanted < 0 ? first(found.devices()) : at(wanted, found.devices()));
    };
  }

  /** What keeps every device from being used. */
  private Optional<String> obstacle(Found found) {
    if (found.driverVersion() < OLDEST_DRIVER) {
      return Optional.of(
          "the NVIDIA driver supports CUDA "
              + version(found.driverVersion())
              + " and "
              + version(OLDEST_DRIVER)
              + " or newer is needed: update the driver");
    }
    return platformProblem.or(libraries::runtimeProblem);
  }

  private static Choice first(List<Device> devices) {
    for (int i = 0; i < devices.size(); i++) {
      if (devices.get(i).problem().isEmpty()) {
        return new Chosen(i, devices.get(i));
      }
    }
    return new Refused("no device can be used: " + listed(devices));
  }

  private static Choice at(int index, List<Device> devices) {
    if (index >= devices.size()) {
      return new Refused("there is no device " + index + ", only " + listed(devices));
    }
    Device device = devices.get(index);
    return device
        .problem()
        .<Choice>map(problem -> new Refused("device " + index + " cannot be used: " + problem))
        .orElseGet(() -> new Chosen(index, device));
  }

  private static String listed(List<Device> devices) {
    return IntStream.range(0, devices.size())
        .mapToObj(i -> i + " (" + described(devices.get(i)) + ")")
        .collect(Collectors.joining(", "));
  }

  private static String described(Device device) {
    return device.name() + device.problem().map(problem -> ": " + problem).orElse("");
  }

  /** Why long prompts go without cuBLAS; empty if it can be loaded. */
  public Optional<String> blasProblem() {
    if (driver instanceof Found found && found.driverVersion() < BLAS_DRIVER) {
      return Optional.of(
          "cuBLAS 13 needs a driver for CUDA 13.0, and this one supports "
              + version(found.driverVersion()));
    }
    return libraries.blasProblem();
  }

  /** What was found, for people, in a fixed order. */
  public Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    if (driver instanceof Found found) {
      facts.put("driver", found.library() + ", CUDA " + version(found.driverVersion()));
      for (int i = 0; i < found.devices().size(); i++) {
        facts.put("device " + i, found.devices().get(i).told());
      }
    }
    facts.put("platform", platformProblem.orElse("supported"));
    facts.put("cudart", libraries.cudart().told());
    facts.put(
        "cublas",
        blasProblem()
            .map(problem -> "none, so that long prompts run on kernels of our own: " + problem)
            .orElse(libraries.cublas().told()));
    return facts;
  }

  /** E.g. 13.2 for 13020. */
  public static String version(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }
}
