// Matrices as the tensor cores want them: m16n8k16 of f16 with float sums. Of a 16-row matrix, lane l has rows l / 4 and l / 4 + 8.
#pragma once
#include "attention.cuh"
#include "tensor_cores.cuh"

namespace attention {

// Two halves of each float: what f16 can hold of it, and f16's rounding of the rest; together they lose about 2^-22 of it.
struct SplitPair {
  uint32_t high;
  uint32_t low;

  __device__ static SplitPair of(float a, float b) {
    __half2 high = __floats2half2_rn(a, b);
    float2 rounded = __half22float2(high);
    __half2 low = __floats2half2_rn(a - rounded.x, b - rounded.y);
    return {*(const uint32_t*)&high, *(const uint32_t*)&low};
  }
};

// The left factor of a product, 16 x 16, as the sum of two f16 matrices.
struct SplitMatrix {
  uint32_t high[4];
  uint32_t low[4];

  __device__ void set(int i, SplitPair pair) {
    high[i] = pair.high;
    low[i] = pair.low;
  }
};

// sums[16][8] += a[16][16] b[16][8]
__device__ inline void multiply(float (&sums)[4], const SplitMatrix& a, uint32_t b0, uint32_t b1) {
  tensor::multiply_f16(sums, a.high, b0, b1);
  tensor::multiply_f16(sums, a.low, b0, b1);
}

}  // namespace attention
