// Activations as integers of 16 bits, in groups of 32 columns; README.md has the numbers.
#pragma once

#include "formats.cuh"

__device__ __forceinline__ float4 load4(const float* p, int column, bool aligned) {
  if (aligned) {
    return __ldg(reinterpret_cast<const float4*>(p + column));
  }
  return {__ldg(p + column), __ldg(p + column + 1), __ldg(p + column + 2), __ldg(p + column + 3)};
}

// Four columns of x from `column` on, and four that are 16 further: neighbouring threads read neighbouring 16 bytes.
struct Eight {
  float v[8];
};

// Normalized and weighted where norm is not null; norm starts at a multiple of 16 bytes.
__device__ __forceinline__ Eight load8(const float* x, const float* norm, float inverse_rms, int column, bool aligned) {
  float4 a = load4(x, column, aligned);
  float4 b = load4(x, column + 16, aligned);
  Eight e = {{a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w}};
  if (norm != nullptr) {
    float4 c = load4(norm, column, true);
    float4 d = load4(norm, column + 16, true);
    float w[8] = {c.x, c.y, c.z, c.w, d.x, d.y, d.z, d.w};
#pragma unroll
    for (int i = 0; i < 8; i++) {
      e.v[i] = e.v[i] * inverse_rms * w[i];
    }
  }
  return e;
}

// Eight columns as integers, with what the four threads of their group found together.
struct Rounded {
  unsigned high[2], low[2];
  float scale;
  // Of the group's first 16 columns in even threads, of its last in odd ones.
  int sum16;
  int sum32;
};

// A NaN wins, so that it reaches the result.
__device__ __forceinline__ float larger(float a, float b) {
  float c;
  asm("max.NaN.f32 %0, %1, %2;" : "=f"(c) : "f"(a), "f"(b));
  return c;
}

// Bytes of 256 * hi + lo, where v / scale + 128 lies in the low 16 bits of t: lo's sign is turned, which the caller turns back.
__device__ __forceinline__ void split4(const unsigned* t, unsigned& high, unsigned& low) {
  unsigned first = permute(t[0], t[1], 0x5140u);
  unsigned second = permute(t[2], t[3], 0x5140u);
  low = permute(first, second, 0x5410u) ^ 0x80808080u;
  high = permute(first, second, 0x7632u);
}

__device__ __forceinline__ int sum_bytes(unsigned bytes, int to) { return __dp4a(static_cast<int>(bytes), 0x01010101, to); }

// All lanes of the warp must take part; lanes 4i .. 4i + 3 hold a group.
__device__ __forceinline__ Rounded round16(const Eight& x) {
  float largest = fabsf(x.v[0]);
#pragma unroll
  for (int i = 1; i < 8; i++) {
    largest = larger(largest, fabsf(x.v[i]));
  }
  largest = larger(largest, __shfl_xor_sync(0xffffffffu, largest, 1));
  largest = larger(largest, __shfl_xor_sync(0xffffffffu, largest, 2));
  // Below this the inverse could overflow.
  bool nothing = largest < 1e-30f;
  float inverse = nothing ? 0 : 32512.0f / largest;
  unsigned t[8];
#pragma unroll
  for (int i = 0; i < 8; i++) {
    // 1.5 * 2^23 leaves the integer in the low bits, rounded to nearest even.
    t[i] = __float_as_uint(fmaf(x.v[i], inverse, 12582912.0f + 128.0f));
  }
  Rounded r;
  split4(t, r.high[0], r.low[0]);
  split4(t + 4, r.high[1], r.low[1]);
  r.scale = nothing ? 0 : largest * (1.0f / 32512.0f);
  int first = sum_bytes(r.low[0], 256 * sum_bytes(r.high[0], 0));
  int last = sum_bytes(r.low[1], 256 * sum_bytes(r.high[1], 0));
  bool odd = threadIdx.x & 1;
  r.sum16 = (odd ? last : first) + __shfl_xor_sync(0xffffffffu, odd ? first : last, 1);
  r.sum16 += __shfl_xor_sync(0xffffffffu, r.sum16, 2);
  r.sum32 = r.sum16 + __shfl_xor_sync(0xffffffffu, r.sum16, 1);
  return r;
}

// A token's codes in shared memory: 16 columns' high or low bytes lie together, so that neighbouring lanes read neighbouring 16 bytes. The padding
// keeps the two halves of a group in different banks, for lanes that read half a group each.
template <int GROUPS>
struct Codes {
  uint4 high[2][GROUPS + 4];
  uint4 low[2][GROUPS + 4];

  __device__ __forceinline__ void put(int group, int quarter, const Rounded& r) {
#pragma unroll
    for (int h = 0; h < 2; h++) {
      reinterpret_cast<unsigned*>(&high[h][group])[quarter] = r.high[h];
      reinterpret_cast<unsigned*>(&low[h][group])[quarter] = r.low[h];
    }
  }
};

// A unit's activations in registers: a group's, or those of half a group.
template <int WORDS>
struct Taken {
  unsigned high[WORDS];
  unsigned low[WORDS];

  template <int GROUPS>
  __device__ __forceinline__ void take(const Codes<GROUPS>& codes, int group, int unit) {
#pragma unroll
    for (int h = 0; h < WORDS / 4; h++) {
      int part = WORDS == 8 ? h : unit & 1;
      uint4 up = codes.high[part][group];
      uint4 down = codes.low[part][group];
#pragma unroll
      for (int i = 0; i < 4; i++) {
        high[4 * h + i] = word(up, i);
        low[4 * h + i] = word(down, i);
      }
    }
  }
};
