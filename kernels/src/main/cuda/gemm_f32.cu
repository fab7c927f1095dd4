// Products of float matrices on the plain float units: 64 rows by 64 tokens a block, 8 rows by 4 tokens a thread.

#include "gemm_copy.cuh"
#include "gemm_sums.cuh"

namespace gemm {

constexpr int F32_TILE = 64;
constexpr int F32_COLUMNS = 32;
constexpr int F32_BYTES = 4 * F32_COLUMNS;
constexpr int F32_THREADS = 128;

struct alignas(128) F32Stage {
  uint8_t weights[F32_TILE * F32_BYTES];
  uint8_t x[F32_TILE * F32_BYTES];
};

struct F32Operands {
  Matrix weights;
  const float* x;
  int x_stride;
  int rows;
  int columns;
  int tokens;
};

// Activations may start at any float, so that they are copied one by one: a warp takes a token's columns.
__device__ __forceinline__ void copy_x(uint8_t* to, const F32Operands& o, int first_token, int column) {
  const int at = threadIdx.x % F32_COLUMNS;
#pragma unroll 4
  for (int token = threadIdx.x / F32_COLUMNS; token < F32_TILE; token += F32_THREADS / F32_COLUMNS) {
    const bool present = first_token + token < o.tokens && column + at < o.columns;
    const float* source = o.x + static_cast<int64_t>(first_token + token) * o.x_stride + column + at;
    copy_async<4>(to + swizzled<F32_BYTES>(token, 4 * at), source, present ? 4 : 0);
  }
}

__device__ __forceinline__ void start_copies(F32Stage& stage, const F32Operands& o, int step, int steps) {
  if (step < steps) {
    const Rows weights = plane_rows(o.weights, 0, blockIdx.x * F32_TILE, o.rows);
    copy_rows<F32_BYTES, F32_TILE, F32_THREADS>(stage.weights, weights, step * F32_BYTES, threadIdx.x);
    copy_x(stage.x, o, blockIdx.y * F32_TILE, step * F32_COLUMNS);
  }
  commit_copies();
}

__device__ __forceinline__ float4 four_at(const uint8_t* rows, int row, int byte) { return *reinterpret_cast<const float4*>(rows + swizzled<F32_BYTES>(row, byte)); }

// Adds a step's sums, each over 32 columns in order, to those before.
__device__ __forceinline__ void multiply_step(float (&sums)[8][4], const F32Stage& stage, int row, int token) {
  float step[8][4] = {};
#pragma unroll 2
  for (int byte = 0; byte < F32_BYTES; byte += 16) {
    float4 x[4];
#pragma unroll
    for (int j = 0; j < 4; j++) {
      x[j] = four_at(stage.x, token + 4 * j, byte);
    }
#pragma unroll
    for (int i = 0; i < 8; i++) {
      const float4 w = four_at(stage.weights, row + 8 * i, byte);
#pragma unroll
      for (int j = 0; j < 4; j++) {
        step[i][j] = fmaf(w.w, x[j].w, fmaf(w.z, x[j].z, fmaf(w.y, x[j].y, fmaf(w.x, x[j].x, step[i][j]))));
      }
    }
  }
#pragma unroll
  for (int i = 0; i < 32; i++) {
    sums[i / 4][i % 4] += step[i / 4][i % 4];
  }
}

}  // namespace gemm

extern "C" __global__ void __launch_bounds__(gemm::F32_THREADS, 3)
    gemm_f32(const Matrix weights, const float* __restrict__ x, int x_stride, const float* __restrict__ bias, const float* residual, int residual_stride, float* y,
             int y_stride, int rows, int columns, int tokens) {
  using namespace gemm;
  __shared__ F32Stage stages[2];
  const F32Operands o = {weights, x, x_stride, rows, columns, tokens};
  const Output output = {bias, residual, residual_stride, y, y_stride, rows, tokens, nullptr};
  const int row = threadIdx.x % 32 / 4;
  const int token = threadIdx.x / 32 * 16 + threadIdx.x % 4;
  const int steps = (columns + F32_COLUMNS - 1) / F32_COLUMNS;
  float sums[8][4] = {};
  start_copies(stages[0], o, 0, steps);
#pragma unroll 1
  for (int step = 0; step < steps; step++) {
    wait_copies<0>();
    __syncthreads();
    start_copies(stages[(step + 1) % 2], o, step + 1, steps);
    multiply_step(sums, stages[step % 2], row, token);
  }
#pragma unroll
  for (int i = 0; i < 32; i++) {
    output.store(blockIdx.y * F32_TILE + token + 4 * (i % 4), blockIdx.x * F32_TILE + row + 8 * (i / 4), sums[i / 4][i % 4]);
  }
}
