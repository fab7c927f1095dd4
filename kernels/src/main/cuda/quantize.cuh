// Activations as integers of 16 bits, in groups of 32 columns; README.md has the numbers.
#pragma once

#include "formats.cuh"

__device__ __forceinline__ float4 load4(const float* p, bool aligned) {
  if (aligned) {
    return *reinterpret_cast<const float4*>(p);
  }
  return {p[0], p[1], p[2], p[3]};
}

// Four columns, and four that are 16 further: neighbouring threads read neighbouring 16 bytes.
struct Eight {
  float v[8];
};

__device__ __forceinline__ Eight load8(const float* x, bool aligned) {
  float4 a = load4(x, aligned);
  float4 b = load4(x + 16, aligned);
  return {{a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w}};
}

// Eight columns as integers, with what the four threads of their group found together.
struct Rounded {
  unsigned high[2], low[2];
  float scale;
  // Of the group, or of its first 16 columns in even threads and its last in odd ones.
  int sum;
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

// All lanes of the warp must take part; lanes 4i .. 4i + 3 hold a group. PARTS of it are summed apart.
template <int PARTS>
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
  float inverse = nothing ? 0 : __fdividef(32512.0f, largest);
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
  int kept = PARTS == 1 ? first + last : odd ? last : first;
  int given = PARTS == 1 ? first + last : odd ? first : last;
  r.sum = kept + __shfl_xor_sync(0xffffffffu, given, 1);
  r.sum += __shfl_xor_sync(0xffffffffu, r.sum, 2);
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

// A unit's activations in registers: a group's, or those of half a group. The loads are spelled out because the compiler would take some vectors apart.
template <int WORDS>
struct Taken {
  unsigned high[WORDS];
  unsigned low[WORDS];

  template <int GROUPS>
  __device__ __forceinline__ void take(const Codes<GROUPS>& codes, int group, int unit) {
    constexpr int HALF = sizeof(codes.high[0]);
    take16<sizeof(codes.high)>(static_cast<unsigned>(__cvta_generic_to_shared(&codes.high[WORDS == 8 ? 0 : unit & 1][group])), 0);
    if constexpr (WORDS == 8) {
      take16<sizeof(codes.high), HALF>(static_cast<unsigned>(__cvta_generic_to_shared(&codes.high[0][group])), 4);
    }
  }

  // 16 columns: the words from i on, whose high bytes lie AT from the address and whose low ones lie DISTANCE further.
  template <int DISTANCE, int AT = 0>
  __device__ __forceinline__ void take16(unsigned address, int i) {
    asm volatile(
        "ld.shared.v4.u32 {%0, %1, %2, %3}, [%8 + %9];\n\tld.shared.v4.u32 {%4, %5, %6, %7}, [%8 + %10];"
        : "=r"(high[i]), "=r"(high[i + 1]), "=r"(high[i + 2]), "=r"(high[i + 3]), "=r"(low[i]), "=r"(low[i + 1]), "=r"(low[i + 2]), "=r"(low[i + 3])
        : "r"(address), "n"(AT), "n"(AT + DISTANCE));
  }
};
