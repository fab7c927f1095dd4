package org.slmruntime.cuda.driver;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.bytedeco.cuda.global.cudart;
import org.slmruntime.cuda.driver.NativePointers.Address;
import org.slmruntime.cuda.driver.NativePointers.Stream;

/** Memory of a context and copies, without keeping account of it. */
final class DeviceMemory {
  private final DriverStatus status;
  private final Address host = new Address();

  DeviceMemory(DriverStatus status) {
    this.status = status;
  }

  long allocate(long bytes) {
    long[] address = new long[1];
    int code = cudart.cuMemAlloc(address, bytes);
    if (code != 0) {
      throw status.failure("cuMemAlloc", bytes + " bytes", code);
    }
    return address[0];
  }

  void free(long address) {
    status.check("cuMemFree", cudart.cuMemFree(address));
  }

  long allocatePinned(long bytes) {
    Address created = new Address();
    int code = cudart.cuMemAllocHost(created, bytes);
    if (code != 0) {
      throw status.failure("cuMemAllocHost", bytes + " bytes", code);
    }
    return created.address();
  }

  void freePinned(long address) {
    status.check("cuMemFreeHost", cudart.cuMemFreeHost(host.at(address)));
  }

  /**
   * Copies and waits.
   *
   * @param from native memory
   */
  void upload(long to, MemorySegment from, long bytes) {
    status.check("cuMemcpyHtoD", cudart.cuMemcpyHtoD(to, within(from, bytes), bytes));
    // From memory that is not page-locked the call may return while the device still copies.
    status.check("cuStreamSynchronize", cudart.cuStreamSynchronize(null));
  }

  void download(long from, MemorySegment to, long bytes) {
    status.check("cuMemcpyDtoH", cudart.cuMemcpyDtoH(within(to, bytes), from, bytes));
  }

  void uploadAsync(long to, MemorySegment from, long bytes, Stream stream) {
    int code = cudart.cuMemcpyHtoDAsync(to, within(from, bytes), bytes, stream);
    status.check("cuMemcpyHtoDAsync", code);
  }

  void downloadAsync(MemorySegment to, long from, long bytes, Stream stream) {
    int code = cudart.cuMemcpyDtoHAsync(within(to, bytes), from, bytes, stream);
    status.check("cuMemcpyDtoHAsync", code);
  }

  void copyAsync(long to, long from, long bytes, Stream stream) {
    status.check("cuMemcpyDtoDAsync", cudart.cuMemcpyDtoDAsync(to, from, bytes, stream));
  }

  void fillAsync(long address, byte value, long bytes, Stream stream) {
    status.check("cuMemsetD8Async", cudart.cuMemsetD8Async(address, value, bytes, stream));
  }

  private Address within(MemorySegment segment, long bytes) {
    Objects.checkFromIndexSize(0, bytes, segment.byteSize());
    return host.at(segment);
  }
}
