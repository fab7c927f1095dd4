package org.slmruntime.cuda.driver;

import org.bytedeco.cuda.global.cudart;
import org.slmruntime.cuda.driver.NativePointers.Event;
import org.slmruntime.cuda.driver.NativePointers.Graph;
import org.slmruntime.cuda.driver.NativePointers.GraphExec;
import org.slmruntime.cuda.driver.NativePointers.Stream;

/** Streams, events and graphs of a context, without keeping account of them. */
final class Streams {
  /** Since this version drivers have the function that the bindings take times with. */
  private static final int TIMING_DRIVER = 12_080;

  private final DriverStatus status;
  private final int driverVersion;
  private final Stream stream = new Stream();
  private final Event event = new Event();
  private final GraphExec graph = new GraphExec();

  Streams(DriverStatus status, int driverVersion) {
    this.status = status;
    this.driverVersion = driverVersion;
  }

  /** The same pointer at each call, set to the handle. */
  Stream stream(long handle) {
    return stream.at(handle);
  }

  long create() {
    Stream created = new Stream();
    int flags = cudart.CU_STREAM_NON_BLOCKING;
    status.check("cuStreamCreate", cudart.cuStreamCreate(created, flags));
    return created.address();
  }

  void destroy(long handle) {
    status.check("cuStreamDestroy", cudart.cuStreamDestroy(stream(handle)));
  }

  void synchronize(long handle) {
    status.check("cuStreamSynchronize", cudart.cuStreamSynchronize(stream(handle)));
  }

  long createEvent() {
    Event created = new Event();
    status.check("cuEventCreate", cudart.cuEventCreate(created, cudart.CU_EVENT_DEFAULT));
    return created.address();
  }

  void destroyEvent(long handle) {
    status.check("cuEventDestroy", cudart.cuEventDestroy(event.at(handle)));
  }

  void record(long handle, long onStream) {
    status.check("cuEventRecord", cudart.cuEventRecord(event.at(handle), stream(onStream)));
  }

  void waitFor(long onStream, long handle) {
    status.check(
        "cuStreamWaitEvent", cudart.cuStreamWaitEvent(stream(onStream), event.at(handle), 0));
  }

  void synchronizeEvent(long handle) {
    status.check("cuEventSynchronize", cudart.cuEventSynchronize(event.at(handle)));
  }

  /** Calling what a driver lacks would end the process, so older ones give no time. */
  float elapsedMillis(long start, long end) {
    if (driverVersion < TIMING_DRIVER) {
      return Float.NaN;
    }
    float[] millis = new float[1];
    int code = cudart.cuEventElapsedTime(millis, new Event().at(start), new Event().at(end));
    status.check("cuEventElapsedTime", code);
    return millis[0];
  }

  void beginCapture(long handle) {
    int mode = cudart.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
    status.check("cuStreamBeginCapture", cudart.cuStreamBeginCapture(stream(handle), mode));
  }

  long endCapture(long handle) {
    Graph recorded = new Graph();
    status.check("cuStreamEndCapture", cudart.cuStreamEndCapture(stream(handle), recorded));
    try {
      GraphExec runnable = new GraphExec();
      status.check("cuGraphInstantiate", cudart.cuGraphInstantiate(runnable, recorded, 0));
      return runnable.address();
    } finally {
      // What can run is a copy. If this fails, so will the next call.
      cudart.cuGraphDestroy(recorded);
    }
  }

  void launchGraph(long handle, long onStream) {
    status.check("cuGraphLaunch", cudart.cuGraphLaunch(graph.at(handle), stream(onStream)));
  }

  void destroyGraph(long handle) {
    status.check("cuGraphExecDestroy", cudart.cuGraphExecDestroy(graph.at(handle)));
  }
}
