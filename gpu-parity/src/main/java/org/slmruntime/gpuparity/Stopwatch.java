package org.slmruntime.gpuparity;

import java.util.Arrays;
import java.util.List;
import org.slmruntime.cuda.driver.GpuDriver;
import org.slmruntime.cuda.driver.GpuDriver.Launch;

/** Times queued work by the device's own clock: the median of some repetitions, after a first. */
final class Stopwatch {
  private final Lab lab;
  private final int repeats;

  Stopwatch(Lab lab, int repeats) {
    this.lab = lab;
    this.repeats = repeats;
  }

  /** Microseconds of one of these launches, run as a graph so that the host is not measured. */
  double graph(List<Launch> launches) {
    GpuDriver driver = lab.driver();
    // Before recording, so that nothing is loaded during it.
    driver.launch(launches.getFirst(), lab.stream());
    driver.synchronize(lab.stream());
    driver.beginCapture(lab.stream());
    launches.forEach(launch -> driver.launch(launch, lab.stream()));
    long graph = driver.endCapture(lab.stream());
    try {
      return time(() -> driver.launchGraph(graph, lab.stream())) / launches.size();
    } finally {
      driver.destroyGraph(graph);
    }
  }

  /** Microseconds of what is queued on the lab's stream. */
  double time(Runnable queue) {
    GpuDriver driver = lab.driver();
    long start = driver.createEvent();
    long end = driver.createEvent();
    double[] micros = new double[repeats];
    queue.run();
    for (int i = 0; i < repeats; i++) {
      driver.recordEvent(start, lab.stream());
      queue.run();
      driver.recordEvent(end, lab.stream());
      driver.synchronizeEvent(end);
      micros[i] = 1000.0 * driver.elapsedMillis(start, end);
    }
    driver.synchronize(lab.stream());
    driver.destroyEvent(start);
    driver.destroyEvent(end);
    Arrays.sort(micros);
    return micros[repeats / 2];
  }
}
