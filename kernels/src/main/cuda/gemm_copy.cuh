// How GEMMs bring pieces of rows to shared memory.
#pragma once

#include "async_copy.cuh"
#include "matrix.cuh"

namespace gemm {

// Rows of shared memory are cut into chunks of 16 bytes. A chunk's place is exchanged with others of the same 128 bytes, by its row, so that eight
// consecutive rows of the same chunk lie in different banks.
template <int BYTES>
__device__ __forceinline__ int swizzled(int row, int byte) {
  constexpr int CHUNKS = BYTES < 16 ? 1 : BYTES / 16;
  constexpr int ROWS_OF_A_LINE = 8 / CHUNKS;
  return row * BYTES + (byte ^ ((row / ROWS_OF_A_LINE % CHUNKS) * 16));
}

// Calls action(i) for the i below COUNT that are this thread's.
template <int COUNT, int THREADS, class Action>
__device__ __forceinline__ void share(int thread, Action action) {
#pragma unroll
  for (int round = 0; round < (COUNT + THREADS - 1) / THREADS; round++) {
    const int i = round * THREADS + thread;
    if (COUNT % THREADS == 0 || i < COUNT) {
      action(i);
    }
  }
}

// Rows in global memory, `pitch` bytes apart, from row `first` on; there are `count` in all.
struct Rows {
  const void* base;
  int pitch;
  int first;
  int count;
};

__device__ __forceinline__ Rows plane_rows(const Matrix& matrix, int plane, int first, int count) {
  return {matrix.plane[plane], matrix.pitch[plane], first, count};
}

// Copies BYTES of each of COUNT rows, from byte `from` of the row on; what lies beyond the rows or their pitch becomes zero.
template <int BYTES, int COUNT, int THREADS>
__device__ __forceinline__ void copy_rows(uint8_t* to, const Rows& rows, int from, int thread) {
  constexpr int CHUNK = BYTES < 16 ? BYTES : 16;
  constexpr int CHUNKS = BYTES / CHUNK;
  const uint8_t* base = static_cast<const uint8_t*>(rows.base);
  share<COUNT * CHUNKS, THREADS>(thread, [&](int i) {
    const int row = i / CHUNKS;
    const int byte = i % CHUNKS * CHUNK;
    const bool present = rows.first + row < rows.count && from + byte < rows.pitch;
    const int64_t at = static_cast<int64_t>(rows.first + row) * rows.pitch + from + byte;
    copy_async<CHUNK>(to + swizzled<BYTES>(row, byte), base + at, present ? CHUNK : 0);
  });
}

}  // namespace gemm
