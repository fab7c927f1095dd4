// Matrices as the tensor cores want them: m16n8k16 of f16 with float sums. Of a 16-row matrix, lane l has rows l / 4 and l / 4 + 8.
#pragma once
#include "attention.cuh"

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

// Four 8x8 matrices from shared memory; lane l gives the address of row l % 8 of matrix l / 8.
__device__ inline void load_matrices(uint32_t (&m)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(m[0]), "=r"(m[1]), "=r"(m[2]), "=r"(m[3])
               : "r"((uint32_t)__cvta_generic_to_shared(row))
               : "memory");
}

// The same, each matrix transposed.
__device__ inline void load_transposed(uint32_t (&m)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(m[0]), "=r"(m[1]), "=r"(m[2]), "=r"(m[3])
               : "r"((uint32_t)__cvta_generic_to_shared(row))
               : "memory");
}

// sums[16][8] += a[16][16] b[16][8]
__device__ inline void multiply(float (&sums)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

__device__ inline void multiply(float (&sums)[4], const SplitMatrix& a, uint32_t b0, uint32_t b1) {
  multiply(sums, a.high, b0, b1);
  multiply(sums, a.low, b0, b1);
}

}  // namespace attention
