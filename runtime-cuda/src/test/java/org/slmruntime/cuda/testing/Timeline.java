package org.slmruntime.cuda.testing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.slmruntime.cuda.driver.GpuException;

/**
 * Streams and events. Queued work runs as early or late as the seed wants within what streams and
 * events promise: whoever relies on more sees wrong results sooner or later.
 */
final class Timeline {
  private static final int INVALID_HANDLE = 400;

  private final SplittableRandom random;
  private final Map<Long, Deque<Operation>> streams = new HashMap<>();

  /** The latest recording of each event; null if it was never recorded. */
  private final Map<Long, Operation> events = new HashMap<>();

  private long handles = 1000;
  private long clock;

  Timeline(long seed) {
    random = new SplittableRandom(seed);
  }

  private static final class Operation {
    final Work work;
    final Operation after;
    boolean done;
    long finished;

    Operation(Work work, Operation after) {
      this.work = work;
      this.after = after;
    }

    boolean isReady() {
      return after == null || after.done;
    }
  }

  long createStream() {
    streams.put(++handles, new ArrayDeque<>());
    return handles;
  }

  /** What was queued still runs, as on a GPU. */
  void destroyStream(long stream) {
    synchronize(stream);
    streams.remove(stream);
  }

  long createEvent() {
    events.put(++handles, null);
    return handles;
  }

  void destroyEvent(long event) {
    checkEvent(event);
    events.remove(event);
  }

  void add(long stream, Work work) {
    stream(stream).add(new Operation(work, null));
    while (random.nextInt(4) == 0) {
      runAny();
    }
  }

  void record(long event, long stream) {
    checkEvent(event);
    Operation recording = new Operation(() -> {}, null);
    stream(stream).add(recording);
    events.put(event, recording);
  }

  /** An event that was never recorded holds nobody up. */
  void await(long stream, long event) {
    checkEvent(event);
    stream(stream).add(new Operation(() -> {}, events.get(event)));
  }

  void synchronize(long stream) {
    Deque<Operation> queue = stream(stream);
    while (!queue.isEmpty()) {
      advance(queue);
    }
  }

  void synchronizeEvent(long event) {
    checkEvent(event);
    Operation recording = events.get(event);
    while (recording != null && !recording.done) {
      advance(queueOf(recording));
    }
  }

  /** Each operation takes a microsecond. */
  float elapsedMillis(long start, long end) {
    return (finished(end) - finished(start)) / 1000f;
  }

  /** Forgets all that was queued: the device is lost. */
  void abandon() {
    streams.values().forEach(Deque::clear);
    events.replaceAll((_, _) -> null);
  }

  /** Whether every stream and event was destroyed. */
  boolean isEmpty() {
    return streams.isEmpty() && events.isEmpty();
  }

  void checkStream(long stream) {
    stream(stream);
  }

  private long finished(long event) {
    checkEvent(event);
    Operation recording = events.get(event);
    if (recording == null || !recording.done) {
      throw new GpuException("cuEventElapsedTime: the event is not done", 600);
    }
    return recording.finished;
  }

  /** Brings a queue forward by one operation, perhaps after others that may run as well. */
  private void advance(Deque<Operation> queue) {
    while (random.nextBoolean()) {
      runAny();
    }
    Deque<Operation> next = queue;
    while (!next.isEmpty() && !next.peek().isReady()) {
      next = queueOf(next.peek().after);
    }
    run(next);
  }

  private void runAny() {
    List<Deque<Operation>> ready = new ArrayList<>();
    for (Deque<Operation> queue : streams.values()) {
      if (!queue.isEmpty() && queue.peek().isReady()) {
        ready.add(queue);
      }
    }
    if (!ready.isEmpty()) {
      run(ready.get(random.nextInt(ready.size())));
    }
  }

  private void run(Deque<Operation> queue) {
    Operation operation = queue.poll();
    if (operation != null) {
      operation.finished = ++clock;
      operation.done = true;
      operation.work.run();
    }
  }

  private Deque<Operation> queueOf(Operation operation) {
    return streams.values().stream().filter(q -> q.contains(operation)).findAny().orElseThrow();
  }

  private Deque<Operation> stream(long stream) {
    Deque<Operation> queue = streams.get(stream);
    if (queue == null) {
      throw new GpuException("there is no stream " + stream, INVALID_HANDLE);
    }
    return queue;
  }

  private void checkEvent(long event) {
    if (!events.containsKey(event)) {
      throw new GpuException("there is no event " + event, INVALID_HANDLE);
    }
  }
}
