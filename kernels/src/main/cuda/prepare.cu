// Activations as the GEMMs want them. A block of 256 threads has one token, or a share of its groups of 32; with a norm weight, its row is RMS-normalized
// first.

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>

#include "reduce.cuh"

namespace prepare {

constexpr int THREADS = 256;
constexpr int WARPS = THREADS / 32;

// A row of activations, normalized as it is read.
struct Row {
  const float* x;
  const float* norm;
  float inverse_rms;

  __device__ __forceinline__ float operator[](int column) const {
    const float value = __ldg(x + column);
    return norm == nullptr ? value : value * inverse_rms * __ldg(norm + column);
  }
};

__device__ __forceinline__ Row row_of(const float* x, int x_stride, const float* norm, float epsilon, int columns) {
  const float* row = x + static_cast<int64_t>(blockIdx.x) * x_stride;
  if (norm == nullptr) {
    return {row, norm, 1.0f};
  }
  float squares = 0.0f;
#pragma unroll 4
  for (int i = threadIdx.x; i < columns; i += THREADS) {
    const float value = __ldg(row + i);
    squares = fmaf(value, value, squares);
  }
  __shared__ float of_warps[WARPS];
  squares = block_sum<THREADS>(squares, of_warps);
  return {row, norm, 1.0f / sqrtf(squares / columns + epsilon)};
}

// The largest magnitude in a warp; NaN if there is one, whose bits are larger than any number's.
__device__ __forceinline__ float warp_maximum(float value) {
  return __uint_as_float(__reduce_max_sync(0xFFFFFFFFu, __float_as_uint(value) & 0x7FFFFFFFu));
}

// The largest magnitude in the row, NaN left aside.
__device__ __forceinline__ float row_maximum(const Row& row, int columns) {
  float maximum = 0.0f;
  for (int i = threadIdx.x; i < columns; i += THREADS) {
    maximum = fmaxf(maximum, fabsf(row[i]));
  }
  __shared__ float of_warps[WARPS];
  maximum = warp_max(maximum);
  if (threadIdx.x % 32 == 0) {
    of_warps[threadIdx.x / 32] = maximum;
  }
  __syncthreads();
#pragma unroll
  for (int warp = 0; warp < WARPS; warp++) {
    maximum = fmaxf(maximum, of_warps[warp]);
  }
  return maximum;
}

// 2^e such that values divided by it stay below 2^12 and the largest is not far from that. Never so small that its inverse is infinite.
__device__ __forceinline__ float power_for(float maximum) {
  const int exponent = static_cast<int>(__float_as_uint(maximum) >> 23) - 127 - 11;
  return maximum == 0.0f ? 1.0f : __uint_as_float(static_cast<uint32_t>(max(exponent, -126) + 127) << 23);
}

}  // namespace prepare

extern "C" __global__ void __launch_bounds__(prepare::THREADS)
    prepare_int16(const float* __restrict__ x, int x_stride, const float* __restrict__ norm, float epsilon, int8_t* __restrict__ codes, float* __restrict__ scales,
                  float* __restrict__ sums, int columns, int tokens) {
  const prepare::Row row = prepare::row_of(x, x_stride, norm, epsilon, columns);
  const int lane = threadIdx.x % 32;
  const int groups = columns / 32;
  int8_t* high = codes + static_cast<int64_t>(blockIdx.x) * columns;
  int8_t* low = high + static_cast<int64_t>(tokens) * columns;
  for (int group = blockIdx.y * prepare::WARPS + threadIdx.x / 32; group < groups; group += gridDim.y * prepare::WARPS) {
    const float value = row[32 * group + lane];
    const float scale = prepare::warp_maximum(value) / 32512.0f;
    // Where the scale is subnormal the quotient may be beyond the range.
    const int code = scale == 0.0f ? 0 : min(32512, max(-32512, __float2int_rn(value / scale)));
    const int upper = (code + 128) >> 8;
    high[32 * group + lane] = static_cast<int8_t>(upper);
    low[32 * group + lane] = static_cast<int8_t>(code - 256 * upper);
    int sum = code;
#pragma unroll
    for (int distance = 8; distance > 0; distance /= 2) {
      sum += __shfl_xor_sync(0xFFFFFFFFu, sum, distance);
    }
    const int64_t at = static_cast<int64_t>(blockIdx.x) * groups + group;
    if (lane % 16 == 0) {
      sums[2 * at + lane / 16] = scale * static_cast<float>(sum);
    }
    if (lane == 0) {
      scales[at] = scale;
    }
  }
}

extern "C" __global__ void __launch_bounds__(prepare::THREADS)
    prepare_split_f16(const float* __restrict__ x, int x_stride, const float* __restrict__ norm, float epsilon, __half* __restrict__ parts, float* __restrict__ scales,
                      int columns, int tokens) {
  const prepare::Row row = prepare::row_of(x, x_stride, norm, epsilon, columns);
  const float scale = prepare::power_for(prepare::row_maximum(row, columns));
  const float inverse = 1.0f / scale;
  const int pitch = (columns + 7) / 8 * 8;
  __half* high = parts + static_cast<int64_t>(blockIdx.x) * pitch;
  __half* low = high + static_cast<int64_t>(tokens) * pitch;
  for (int i = threadIdx.x; i < pitch; i += prepare::THREADS) {
    const float value = i < columns ? row[i] * inverse : 0.0f;
    const __half upper = __float2half_rn(value);
    high[i] = upper;
    low[i] = __float2half_rn(value - __half2float(upper));
  }
  if (threadIdx.x == 0) {
    scales[blockIdx.x] = scale;
  }
}

extern "C" __global__ void __launch_bounds__(prepare::THREADS)
    prepare_split_bf16(const float* __restrict__ x, int x_stride, const float* __restrict__ norm, float epsilon, __nv_bfloat16* __restrict__ parts,
                       float* __restrict__ scales, int columns, int tokens) {
  const prepare::Row row = prepare::row_of(x, x_stride, norm, epsilon, columns);
  const int pitch = (columns + 7) / 8 * 8;
  __nv_bfloat16* high = parts + static_cast<int64_t>(blockIdx.x) * pitch;
  __nv_bfloat16* low = high + static_cast<int64_t>(tokens) * pitch;
  for (int i = threadIdx.x; i < pitch; i += prepare::THREADS) {
    const float value = i < columns ? row[i] : 0.0f;
    const __nv_bfloat16 upper = __float2bfloat16_rn(value);
    high[i] = upper;
    low[i] = __float2bfloat16_rn(value - __bfloat162float(upper));
  }
  if (threadIdx.x == 0) {
    scales[blockIdx.x] = 1.0f;
  }
}

extern "C" __global__ void __launch_bounds__(prepare::THREADS)
    prepare_bf16(const float* __restrict__ x, int x_stride, const float* __restrict__ norm, float epsilon, __nv_bfloat16* __restrict__ out, int columns) {
  const prepare::Row row = prepare::row_of(x, x_stride, norm, epsilon, columns);
  for (int i = threadIdx.x; i < columns; i += prepare::THREADS) {
    out[static_cast<int64_t>(blockIdx.x) * columns + i] = __float2bfloat16_rn(row[i]);
  }
}

extern "C" __global__ void __launch_bounds__(prepare::THREADS)
    prepare_f32(const float* __restrict__ x, int x_stride, const float* __restrict__ norm, float epsilon, float* __restrict__ out, int columns) {
  const prepare::Row row = prepare::row_of(x, x_stride, norm, epsilon, columns);
  for (int i = threadIdx.x; i < columns; i += prepare::THREADS) {
    out[static_cast<int64_t>(blockIdx.x) * columns + i] = row[i];
  }
}
