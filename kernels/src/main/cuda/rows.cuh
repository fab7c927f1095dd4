// Rows of a matrix as float32 or bf16.
#pragma once

#include "formats.cuh"

constexpr int ROWS_THREADS = 128;

__device__ __forceinline__ unsigned bf16_pair(float low, float high) {
  unsigned pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}

struct EightWeights {
  float v[8];
};

// Columns 8j .. 8j + 7 of a group, in the decoders' order of operations: where a product is rounded, it is so there too.
template <class F>
__device__ __forceinline__ EightWeights eight_weights(const F& group, int j) {
  unsigned low, high;
  group.codes(j, low, high);
  const float scale = group.scale(j >> 1);
  const float minimum = group.minimum(j >> 1);
  EightWeights w;
#pragma unroll
  for (int i = 0; i < 8; i++) {
    float code = signed_byte(i < 4 ? low : high, i & 3) - F::OFFSET;
    w.v[i] = F::MINIMUM ? fmaf(scale, code, minimum) : scale * code;
  }
  return w;
}

__device__ __forceinline__ void write8(float* y, const EightWeights& w) {
  if ((reinterpret_cast<unsigned long long>(y) & 15) == 0) {
    reinterpret_cast<float4*>(y)[0] = {w.v[0], w.v[1], w.v[2], w.v[3]};
    reinterpret_cast<float4*>(y)[1] = {w.v[4], w.v[5], w.v[6], w.v[7]};
  } else {
#pragma unroll
    for (int i = 0; i < 8; i++) {
      y[i] = w.v[i];
    }
  }
}

__device__ __forceinline__ void write8(unsigned short* y, const EightWeights& w) {
  *reinterpret_cast<uint4*>(y) = {bf16_pair(w.v[0], w.v[1]), bf16_pair(w.v[2], w.v[3]), bf16_pair(w.v[4], w.v[5]), bf16_pair(w.v[6], w.v[7])};
}

// Four neighbouring threads share a group, so that each writes what follows the other's.
template <class F, class T>
__device__ __forceinline__ void copy_row(const Matrix& matrix, int row, T* y, int columns) {
  const Row from = row_of(matrix, row);
  for (int piece = threadIdx.x; piece < columns / 8; piece += ROWS_THREADS) {
    write8(y + 8 * piece, eight_weights(F::load(moved<F>(from, piece >> 2)), piece & 3));
  }
}

__device__ __forceinline__ void write(float* y, float value) { *y = value; }
__device__ __forceinline__ void write(unsigned short* y, float value) { *y = static_cast<unsigned short>(bf16_pair(value, 0)); }

// A row of numbers; S reads one.
template <class S, class T>
__device__ __forceinline__ void copy_plain_row(const Matrix& matrix, int row, T* y, int columns) {
  const unsigned char* from = row_of(matrix, row).plane[0];
  for (int k = threadIdx.x; k < columns; k += ROWS_THREADS) {
    write(y + k, S::value(from, k));
  }
}

struct StoredF32 {
  static __device__ __forceinline__ float value(const unsigned char* row, int k) { return __uint_as_float(cached4(row + 4 * k)); }
};
struct StoredF16 {
  static __device__ __forceinline__ float value(const unsigned char* row, int k) { return half(cached2(row + 2 * k)); }
};
struct StoredBF16 {
  static __device__ __forceinline__ float value(const unsigned char* row, int k) {
    return __uint_as_float(static_cast<unsigned>(cached2(row + 2 * k)) << 16);
  }
};

// COPY is copy_row or copy_plain_row, FORMAT what it reads.
#define ROWS_KERNELS(COPY, FORMAT, NAME)                                                                                          \
  extern "C" __global__ void __launch_bounds__(ROWS_THREADS)                                                                      \
      embed_##NAME(Matrix table, const int* tokens, float* y, int y_stride, int columns) {                                        \
    COPY<FORMAT>(table, tokens[blockIdx.x], y + static_cast<long long>(blockIdx.x) * y_stride, columns);                          \
  }                                                                                                                               \
  extern "C" __global__ void __launch_bounds__(ROWS_THREADS)                                                                      \
      dequantize_##NAME(Matrix weights, int first, unsigned short* out, int columns) {                                            \
    COPY<FORMAT>(weights, first + static_cast<int>(blockIdx.x), out + static_cast<long long>(blockIdx.x) * columns, columns);     \
  }
