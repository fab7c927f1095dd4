#pragma once

#include "attention.cuh"
#include "reduce.cuh"

// How one head's row of the paged cache is written: by a warp, from shared memory, which holds zeros up to the next
// multiple of 32. How rows lie in a chunk is shared with those who read it.

constexpr int MAX_HEAD = 512;

// One block of tokens of one head, and the token's row in it.
struct Slot {
  long long chunk;
  int row;
  int block_tokens;
};

template <class Layout>
__device__ __forceinline__ unsigned char* chunk_of(unsigned char* cache, Slot slot, int size) {
  return cache + slot.chunk * Layout::chunk_bytes(size, slot.block_tokens);
}

struct CacheF32 {
  static __device__ __forceinline__ void store(unsigned char* cache, Slot slot, const float* x, int size) {
    int row_bytes = attention::F32::row_bytes(size);
    float* row = (float*)(chunk_of<attention::F32>(cache, slot, size) + slot.row * row_bytes);
    for (int i = threadIdx.x; i < row_bytes / 4; i += 32) {
      row[i] = x[i];
    }
  }
};

struct CacheF16 {
  static __device__ __forceinline__ void store(unsigned char* cache, Slot slot, const float* x, int size) {
    int row_bytes = attention::F16::row_bytes(size);
    __half2* row = (__half2*)(chunk_of<attention::F16>(cache, slot, size) + slot.row * row_bytes);
    for (int i = threadIdx.x; i < row_bytes / 4; i += 32) {
      float2 pair = ((const float2*)x)[i];
      row[i] = __floats2half2_rn(pair.x, pair.y);
    }
  }
};

// Eight lanes per group of 32, so four groups at a time.
struct CacheQ8 {
  using Layout = attention::Q8_0;

  static __device__ __forceinline__ unsigned code(float value, float inverse) {
    return (unsigned)(int)roundf(value * inverse) & 0xff;
  }

  static __device__ __forceinline__ float largest_of_8(float x) {
#pragma unroll
    for (int distance = 4; distance > 0; distance /= 2) {
      x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, distance));
    }
    return x;
  }

  static __device__ __forceinline__ void store(unsigned char* cache, Slot slot, const float* x, int size) {
    int groups = Layout::row_scales(size);
    unsigned char* chunk = chunk_of<Layout>(cache, slot, size);
    unsigned* codes = (unsigned*)(chunk + slot.row * Layout::row_bytes(size));
    __half* scales = (__half*)(chunk + Layout::scales_offset(size, slot.block_tokens)) + slot.row * groups;
    for (int first = 0; first < groups; first += 4) {
      int group = first + threadIdx.x / 8;
      int word = first * 8 + threadIdx.x;
      float4 v = group < groups ? ((const float4*)x)[word] : float4{0, 0, 0, 0};
      float scale = largest_of_8(fmaxf(fmaxf(fabsf(v.x), fabsf(v.y)), fmaxf(fabsf(v.z), fabsf(v.w)))) / 127;
      float inverse = scale == 0 ? 0 : 1 / scale;
      if (group < groups) {
        codes[word] = code(v.x, inverse) | code(v.y, inverse) << 8 | code(v.z, inverse) << 16 | code(v.w, inverse) << 24;
        if (threadIdx.x % 8 == 0) {
          scales[group] = __float2half_rn(scale);
        }
      }
    }
  }
};
