package org.slmruntime.cuda.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slmruntime.cuda.driver.Grid;
import org.slmruntime.ptx.Counters;

/** What ran on a device, for tests to look at. */
public final class LaunchLog {
  private final List<Launched> launches = new ArrayList<>();
  private final Map<String, Counters> counters = new TreeMap<>();
  private int graphLaunches;

  /** A kernel that ran, in order of execution. */
  public record Launched(String kernel, Grid grid) {}

  void ran(String kernel, Grid grid, Counters did) {
    launches.add(new Launched(kernel, grid));
    counters.merge(kernel, did, Counters::plus);
  }

  void graphLaunched() {
    graphLaunches++;
  }

  /** Kernels that ran, by graphs or not. */
  public List<Launched> launches() {
    return List.copyOf(launches);
  }

  public long count(String kernel) {
    return launches.stream().filter(l -> l.kernel().equals(kernel)).count();
  }

  /** How often a graph was launched. */
  public int graphLaunches() {
    return graphLaunches;
  }

  /** Sums by the name a launch was prepared with. */
  public Map<String, Counters> counters() {
    return Map.copyOf(counters);
  }

  /** Forgets everything, for instance before the step to look at. */
  public void clear() {
    launches.clear();
    counters.clear();
    graphLaunches = 0;
  }
}
