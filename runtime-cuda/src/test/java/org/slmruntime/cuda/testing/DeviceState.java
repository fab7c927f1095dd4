package org.slmruntime.cuda.testing;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slmruntime.cuda.driver.GpuException;

/** Whether a call is allowed: not after closing or loss, and while recording only some. */
final class DeviceState {
  private static final int NO_CONTEXT = 201;
  private static final int LOST = 700;
  private static final int CAPTURE_UNSUPPORTED = 900;
  private static final int CAPTURE_INVALIDATED = 901;

  private final Set<Thread> current = new HashSet<>();
  private boolean closed;
  private boolean lost;
  private List<Work> recorded;
  private long recordedStream;
  private boolean spoiled;

  void makeCurrent() {
    if (closed) {
      throw new GpuException("cuCtxSetCurrent: the driver is closed", NO_CONTEXT);
    }
    current.add(Thread.currentThread());
  }

  void require(String call) {
    if (closed || !current.contains(Thread.currentThread())) {
      String why = closed ? "the driver is closed" : "no context is current on this thread";
      throw new GpuException(call + ": " + why, NO_CONTEXT);
    }
    if (lost) {
      throw new GpuException(call + ": the context was lost", LOST);
    }
  }

  void requireNoCapture(String call) {
    require(call);
    if (recorded != null) {
      spoiled = true;
      throw new GpuException(
          call + " is not allowed while a stream is recorded", CAPTURE_UNSUPPORTED);
    }
  }

  /** Whether there is still something to give back to. */
  boolean requireToGiveBack(String call) {
    if (lost) {
      return false;
    }
    requireNoCapture(call);
    return true;
  }

  GpuException lose() {
    lost = true;
    return new GpuException("an illegal address was accessed (injected)", LOST);
  }

  void beginCapture(long stream) {
    recorded = new ArrayList<>();
    recordedStream = stream;
    spoiled = false;
  }

  boolean isCapturing(long stream) {
    return recorded != null && recordedStream == stream;
  }

  void record(Work work) {
    require("recording");
    recorded.add(work);
  }

  List<Work> endCapture(long stream) {
    require("cuStreamEndCapture");
    if (!isCapturing(stream)) {
      throw new GpuException("cuStreamEndCapture: the stream is not recorded", CAPTURE_INVALIDATED);
    }
    List<Work> all = recorded;
    recorded = null;
    if (spoiled) {
      throw new GpuException("cuStreamEndCapture: the recording is invalid", CAPTURE_INVALIDATED);
    }
    return all;
  }

  void close() {
    closed = true;
  }

  boolean isClosed() {
    return closed;
  }
}
