/*
 * Stands in for libcuda.so.1: device memory is host memory, everything runs at once, and each call is a line of the file STUB_LOG.
 * STUB_FAIL=FUNCTION:CODE makes a function fail; if the code is sticky, every later call fails as well.
 * Its one kernel, set_int(pointer, int), stores the int. A graph holds copies of launches.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int CUresult;

struct Launch {
  void* function;
  long pointer;
  int value;
};

struct Graph {
  int count;
  struct Launch launches[16];
};

static int lost;
static struct Graph* recording;
static int function_handle;

static void note(const char* format, ...) {
  FILE* log = fopen(getenv("STUB_LOG"), "a");
  va_list arguments;
  va_start(arguments, format);
  vfprintf(log, format, arguments);
  va_end(arguments);
  fputc('\n', log);
  fclose(log);
}

static CUresult enter(const char* name) {
  const char* fail = getenv("STUB_FAIL");
  size_t length = strlen(name);
  if (lost) {
    return lost;
  }
  if (fail && strncmp(fail, name, length) == 0 && fail[length] == ':') {
    int code = atoi(fail + length + 1);
    lost = code == 700 ? code : 0;
    return code;
  }
  return 0;
}

#define ENTER(name)                \
  {                                \
    CUresult failed = enter(name); \
    if (failed) return failed;     \
  }

CUresult cuInit(unsigned flags) {
  ENTER("cuInit");
  return flags;
}

CUresult cuDriverGetVersion(int* version) {
  const char* given = getenv("STUB_VERSION");
  *version = given ? atoi(given) : 13000;
  return 0;
}

CUresult cuDeviceGetCount(int* count) {
  *count = 2;
  return 0;
}

CUresult cuDeviceGet(int* device, int ordinal) {
  ENTER("cuDeviceGet");
  *device = ordinal;
  return ordinal < 2 ? 0 : 101;
}

CUresult cuDeviceGetName(char* name, int length, int device) {
  snprintf(name, length, "Stub %d", device);
  return 0;
}

CUresult cuDeviceTotalMem_v2(size_t* bytes, int device) {
  (void)device;
  *bytes = 6000000000;
  return 0;
}

CUresult cuDeviceGetAttribute(int* value, int attribute, int device) {
  (void)device;
  *value = attribute == 16 ? 132 : attribute == 75 ? 9 : 0;
  return 0;
}

CUresult cuDevicePrimaryCtxRetain(void** context, int device) {
  ENTER("cuDevicePrimaryCtxRetain");
  note("retain %d", device);
  *context = (void*)0x7000;
  return 0;
}

CUresult cuDevicePrimaryCtxRelease_v2(int device) {
  note("release %d", device);
  return 0;
}

CUresult cuCtxSetCurrent(void* context) {
  note("current %p", context);
  return lost;
}

CUresult cuCtxSynchronize(void) {
  ENTER("cuCtxSynchronize");
  return 0;
}

CUresult cuMemGetInfo_v2(size_t* available, size_t* total) {
  ENTER("cuMemGetInfo");
  *available = 5000000000;
  *total = 6000000000;
  return 0;
}

CUresult cuMemAlloc_v2(void** address, size_t bytes) {
  ENTER("cuMemAlloc");
  note("allocate %zu", bytes);
  *address = aligned_alloc(256, (bytes + 255) / 256 * 256);
  return 0;
}

CUresult cuMemFree_v2(void* address) {
  ENTER("cuMemFree");
  note("free");
  free(address);
  return 0;
}

CUresult cuMemAllocHost_v2(void** address, size_t bytes) {
  ENTER("cuMemAllocHost");
  note("allocate pinned %zu", bytes);
  *address = malloc(bytes);
  return 0;
}

CUresult cuMemFreeHost(void* address) {
  ENTER("cuMemFreeHost");
  note("free pinned");
  free(address);
  return 0;
}

CUresult cuMemcpyHtoD_v2(void* to, const void* from, size_t bytes) {
  ENTER("cuMemcpyHtoD");
  memcpy(to, from, bytes);
  return 0;
}

CUresult cuMemcpyDtoH_v2(void* to, const void* from, size_t bytes) {
  ENTER("cuMemcpyDtoH");
  memcpy(to, from, bytes);
  return 0;
}

CUresult cuMemcpyHtoDAsync_v2(void* to, const void* from, size_t bytes, void* stream) {
  ENTER("cuMemcpyHtoDAsync");
  memcpy(to, from, bytes);
  return stream ? 0 : 400;
}

CUresult cuMemcpyDtoHAsync_v2(void* to, const void* from, size_t bytes, void* stream) {
  ENTER("cuMemcpyDtoHAsync");
  memcpy(to, from, bytes);
  return stream ? 0 : 400;
}

CUresult cuMemcpyDtoDAsync_v2(void* to, const void* from, size_t bytes, void* stream) {
  ENTER("cuMemcpyDtoDAsync");
  memcpy(to, from, bytes);
  return stream ? 0 : 400;
}

CUresult cuMemsetD8Async(void* to, unsigned char value, size_t bytes, void* stream) {
  ENTER("cuMemsetD8Async");
  memset(to, value, bytes);
  return stream ? 0 : 400;
}

CUresult cuStreamCreate(void** stream, unsigned flags) {
  ENTER("cuStreamCreate");
  note("create stream %u", flags);
  *stream = malloc(1);
  return 0;
}

CUresult cuStreamDestroy_v2(void* stream) {
  ENTER("cuStreamDestroy");
  note("destroy stream");
  free(stream);
  return 0;
}

CUresult cuStreamSynchronize(void* stream) {
  (void)stream;
  ENTER("cuStreamSynchronize");
  return 0;
}

CUresult cuStreamWaitEvent(void* stream, void* event, unsigned flags) {
  ENTER("cuStreamWaitEvent");
  return stream && event && !flags ? 0 : 400;
}

CUresult cuEventCreate(void** event, unsigned flags) {
  ENTER("cuEventCreate");
  note("create event %u", flags);
  *event = malloc(1);
  return 0;
}

CUresult cuEventDestroy_v2(void* event) {
  ENTER("cuEventDestroy");
  note("destroy event");
  free(event);
  return 0;
}

CUresult cuEventRecord(void* event, void* stream) {
  ENTER("cuEventRecord");
  return stream && event ? 0 : 400;
}

CUresult cuEventSynchronize(void* event) {
  ENTER("cuEventSynchronize");
  return event ? 0 : 400;
}

CUresult cuEventElapsedTime_v2(float* millis, void* start, void* end) {
  ENTER("cuEventElapsedTime");
  *millis = 1.5f;
  return start != end ? 0 : 400;
}

CUresult cuModuleLoadDataEx(void** module, const char* image, unsigned count, int* options, void** values) {
  CUresult failed = enter("cuModuleLoadDataEx");
  for (unsigned i = 0; failed && i < count; i++) {
    if (options[i] == 5) {
      snprintf(values[i], 100, "ptxas fatal   : stub cannot read this");
    }
  }
  if (failed) {
    return failed;
  }
  note("load %s", image);
  *module = malloc(1);
  return 0;
}

CUresult cuModuleUnload(void* module) {
  ENTER("cuModuleUnload");
  note("unload");
  free(module);
  return 0;
}

CUresult cuModuleGetFunction(void** function, void* module, const char* name) {
  ENTER("cuModuleGetFunction");
  *function = &function_handle;
  return module && strcmp(name, "set_int") == 0 ? 0 : 500;
}

CUresult cuFuncGetAttribute(int* value, int attribute, void* function) {
  ENTER("cuFuncGetAttribute");
  *value = attribute;
  return function == &function_handle ? 0 : 400;
}

CUresult cuFuncSetAttribute(void* function, int attribute, int value) {
  ENTER("cuFuncSetAttribute");
  note("function attribute %d = %d", attribute, value);
  return function == &function_handle ? 0 : 400;
}

static CUresult run(struct Launch launch) {
  *(int*)launch.pointer = launch.value;
  return launch.function == &function_handle ? 0 : 400;
}

CUresult cuLaunchKernel(void* function, unsigned x, unsigned y, unsigned z, unsigned bx, unsigned by, unsigned bz, unsigned shared,
                        void* stream, void** parameters, void** extra) {
  struct Launch launch = {function, *(long*)parameters[0], *(int*)parameters[1]};
  ENTER("cuLaunchKernel");
  if (!getenv("STUB_QUIET")) {
    note("launch %u %u %u, %u %u %u, %u", x, y, z, bx, by, bz, shared);
  }
  if (!stream || extra) {
    return 400;
  }
  if (recording) {
    recording->launches[recording->count++] = launch;
    return 0;
  }
  return run(launch);
}

CUresult cuStreamBeginCapture_v2(void* stream, int mode) {
  ENTER("cuStreamBeginCapture");
  note("capture mode %d", mode);
  recording = calloc(1, sizeof(struct Graph));
  return stream ? 0 : 400;
}

CUresult cuStreamEndCapture(void* stream, void** graph) {
  CUresult failed = enter("cuStreamEndCapture");
  *graph = failed ? NULL : recording;
  recording = NULL;
  return failed ? failed : stream ? 0 : 400;
}

CUresult cuGraphInstantiateWithFlags(void** runnable, void* graph, unsigned long long flags) {
  ENTER("cuGraphInstantiate");
  struct Graph* copy = malloc(sizeof *copy);
  memcpy(copy, graph, sizeof *copy);
  *runnable = copy;
  return flags != 0;
}

CUresult cuGraphDestroy(void* graph) {
  note("destroy graph");
  free(graph);
  return 0;
}

CUresult cuGraphLaunch(struct Graph* graph, void* stream) {
  ENTER("cuGraphLaunch");
  for (int i = 0; i < graph->count; i++) {
    run(graph->launches[i]);
  }
  return stream ? 0 : 400;
}

CUresult cuGraphExecDestroy(void* graph) {
  ENTER("cuGraphExecDestroy");
  note("destroy runnable graph");
  free(graph);
  return 0;
}

CUresult cuGetErrorName(int code, const char** name) {
  *name = code == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : code == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS" : "CUDA_ERROR_OF_STUB";
  return 0;
}
