// Norms, sums, activations and row gather: a row of the grid per row, a thread per element.

#include "activation.cuh"
#include "reduce.cuh"

#define POINTWISE extern "C" __global__ void __launch_bounds__(256)

__device__ __forceinline__ int column() {
  return blockIdx.x * 256 + threadIdx.x;
}

template <typename T>
__device__ __forceinline__ T* row_of(T* x, int stride, int row) {
  return x + (long long)row * stride;
}

POINTWISE add(
    const float* left, int left_stride, const float* right, int right_stride, float* y, int y_stride, int width) {
  int i = column();
  if (i < width) {
    int row = blockIdx.y;
    row_of(y, y_stride, row)[i] = row_of(left, left_stride, row)[i] + row_of(right, right_stride, row)[i];
  }
}

POINTWISE mul(
    const float* left, int left_stride, const float* right, int right_stride, float* y, int y_stride, int width) {
  int i = column();
  if (i < width) {
    int row = blockIdx.y;
    row_of(y, y_stride, row)[i] = row_of(left, left_stride, row)[i] * row_of(right, right_stride, row)[i];
  }
}

POINTWISE scale(const float* x, int x_stride, float factor, float* y, int y_stride, int width) {
  int i = column();
  if (i < width) {
    row_of(y, y_stride, blockIdx.y)[i] = row_of(x, x_stride, blockIdx.y)[i] * factor;
  }
}

POINTWISE softcap(const float* x, int x_stride, float factor, float* y, int y_stride, int width) {
  int i = column();
  if (i < width) {
    row_of(y, y_stride, blockIdx.y)[i] = factor * tanhf(row_of(x, x_stride, blockIdx.y)[i] / factor);
  }
}

POINTWISE gated(
    const float* gate, int gate_stride, const float* up, int up_stride, int step, int activation, float* y,
    int y_stride, int width) {
  int i = column();
  if (i < width) {
    int row = blockIdx.y;
    long long from = (long long)i * step;
    float activated = activate(activation, row_of(gate, gate_stride, row)[from]);
    row_of(y, y_stride, row)[i] = activated * row_of(up, up_stride, row)[from];
  }
}

POINTWISE gather_rows(const float* x, int x_stride, const int* rows, float* y, int y_stride, int width) {
  int i = column();
  int row = rows[blockIdx.y];
  if (i < width) {
    row_of(y, y_stride, blockIdx.y)[i] = row < 0 ? 0 : row_of(x, x_stride, row)[i];
  }
}

// Four sums per thread: they hide each other's latency, and shorter sums round less.
__device__ __forceinline__ float sum_of_squares(const float* x, int size) {
  float sum[4] = {0, 0, 0, 0};
  for (int start = threadIdx.x; start < size; start += 4 * 128) {
#pragma unroll
    for (int k = 0; k < 4; k++) {
      int i = start + k * 128;
      float value = i < size ? x[i] : 0;
      sum[k] += value * value;
    }
  }
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

// y may be x: each thread writes only what it alone has read, after the block's sum.
extern "C" __global__ void __launch_bounds__(128) rms_norm(
    const float* x, int x_stride, const float* __restrict__ weight, int shared, float epsilon, float* y, int y_stride,
    int size) {
  __shared__ float partial[4];
  long long first = (long long)blockIdx.y * size;
  const float* in = row_of(x, x_stride, blockIdx.x) + first;
  float* out = row_of(y, y_stride, blockIdx.x) + first;
  const float* factors = weight + (shared ? 0 : first);
  float squares = block_sum<128>(sum_of_squares(in, size), partial);
  float inverse = 1 / sqrtf(squares / size + epsilon);
  for (int i = threadIdx.x; i < size; i += 128) {
    out[i] = in[i] * inverse * factors[i];
  }
}
