#pragma once

// Sums whose order depends on the shape alone. All threads of the warp or block must take part.

__device__ __forceinline__ float warp_sum(float x) {
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) {
    x += __shfl_xor_sync(0xffffffffu, x, distance);
  }
  return x;
}

__device__ __forceinline__ float warp_max(float x) {
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) {
    x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, distance));
  }
  return x;
}

// The block's sum, in every thread. partial: one float per warp, which no thread may still be reading.
template <int THREADS>
__device__ __forceinline__ float block_sum(float x, float* partial) {
  x = warp_sum(x);
  if (threadIdx.x % 32 == 0) {
    partial[threadIdx.x / 32] = x;
  }
  __syncthreads();
  float sum = 0;
#pragma unroll
  for (int warp = 0; warp < THREADS / 32; warp++) {
    sum += partial[warp];
  }
  return sum;
}
