#pragma once

#include <cuda_fp16.h>

#include "reduce.cuh"

// How one head's row of the paged cache is found and written; the layout is in the README. A warp writes a row.

constexpr int MAX_HEAD = 512;

__device__ __forceinline__ int round_up(int n, int multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

// Where a chunk (one block of tokens of one head) starts, and the row of the token in it.
struct Slot {
  long long chunk;
  int row;
  int block_tokens;
};

struct CacheF32 {
  static __device__ __forceinline__ void store(unsigned char* cache, Slot slot, const float* x, int size) {
    int padded = round_up(size, 4);
    float* row = (float*)cache + (slot.chunk * slot.block_tokens + slot.row) * padded;
    for (int i = threadIdx.x; i < padded; i += 32) {
      row[i] = x[i];
    }
  }
};

struct CacheF16 {
  static __device__ __forceinline__ void store(unsigned char* cache, Slot slot, const float* x, int size) {
    int padded = round_up(size, 8);
    __half2* row = (__half2*)cache + (slot.chunk * slot.block_tokens + slot.row) * (padded / 2);
    for (int i = threadIdx.x; i < padded / 2; i += 32) {
      float2 pair = ((const float2*)x)[i];
      row[i] = __floats2half2_rn(pair.x, pair.y);
    }
  }
};

struct CacheQ8 {
  static __device__ __forceinline__ void store(unsigned char* cache, Slot slot, const float* x, int size) {
    int groups = round_up(size, 32) / 32;
    int row_bytes = groups * 32;
    long long chunk_bytes = round_up(slot.block_tokens * groups * 34, 16);
    unsigned char* chunk = cache + slot.chunk * chunk_bytes;
    signed char* codes = (signed char*)chunk + slot.row * row_bytes;
    __half* scales = (__half*)(chunk + slot.block_tokens * row_bytes) + slot.row * groups;
    for (int group = 0; group < groups; group++) {
      float value = x[group * 32 + threadIdx.x];
      float scale = warp_max(fabsf(value)) / 127;
      float inverse = scale == 0 ? 0 : 1 / scale;
      codes[group * 32 + threadIdx.x] = (signed char)(int)roundf(value * inverse);
      if (threadIdx.x == 0) {
        scales[group] = __float2half_rn(scale);
      }
    }
  }
};
