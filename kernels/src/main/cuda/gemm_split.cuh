// Products of f16 and bf16 matrices with activations in two parts of the same type, on the tensor cores. Blocks, warps, teams and parts are as in
// gemm_quant.cuh. The tensor cores' own sums, which may be cut off rather than rounded, span no more than 32 columns.
#pragma once

#include "gemm_copy.cuh"
#include "gemm_sums.cuh"
#include "tensor_cores.cuh"

namespace gemm {

// Bytes and 16-column tiles of a step of 32 columns.
constexpr int SPLIT_STEP = 64;
constexpr int SPLIT_TILES = 2;

// Which type the elements have.
struct F16 {
  static __device__ __forceinline__ void multiply(float (&sums)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) { tensor::multiply_f16(sums, a, b0, b1); }
};
struct Bf16 {
  static __device__ __forceinline__ void multiply(float (&sums)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) { tensor::multiply_bf16(sums, a, b0, b1); }
};

template <int ROWS, int TOKENS>
struct alignas(128) SplitStage {
  uint8_t weights[ROWS * SPLIT_STEP];
  uint8_t parts[2][TOKENS * SPLIT_STEP];
};

// parts: [2][tokens][pitch] of the weights' type, `pitch` in bytes.
struct SplitOperands {
  Matrix weights;
  const uint8_t* parts;
  int pitch;
  int rows;
  int tokens;
};

// A block's kernel of one shape; every method is called by all of its threads.
template <class Type, int ROW_WARPS, int TEAMS, int TOKENS, int STAGES>
struct SplitMultiplication {
  static constexpr int ROWS = 16 * ROW_WARPS;
  static constexpr int THREADS = 32 * ROW_WARPS;
  using Stage = SplitStage<ROWS, TOKENS>;

  const SplitOperands& o;
  Stage* const stages;
  const int thread;  // of the team
  const int first_row;
  const int first_token;
  const int live;  // tiles of eight tokens
  Sums<TOKENS> sums;

  __device__ __forceinline__ SplitMultiplication(const SplitOperands& operands, Stage* team_stages, int team_thread)
      : o(operands),
        stages(team_stages),
        thread(team_thread),
        first_row(blockIdx.x * ROWS),
        first_token(blockIdx.y * TOKENS),
        live(live_tiles<TOKENS>(first_row + thread / 32 * 16, o.rows, first_token, o.tokens)) {
    sums.clear();
  }

  __device__ __forceinline__ void start_copies(int step, int end, int stage) {
    if (step < end) {
      Stage& to = stages[stage];
      const int from = step * SPLIT_STEP;
      copy_rows<SPLIT_STEP, ROWS, THREADS>(to.weights, plane_rows(o.weights, 0, first_row, o.rows), from, thread);
      copy_rows<SPLIT_STEP, TOKENS, THREADS>(to.parts[0], {o.parts, o.pitch, first_token, o.tokens}, from, thread);
      copy_rows<SPLIT_STEP, TOKENS, THREADS>(to.parts[1], {o.parts + static_cast<int64_t>(o.tokens) * o.pitch, o.pitch, first_token, o.tokens}, from, thread);
    }
    commit_copies();
  }

  __device__ __forceinline__ void multiply_step(const Stage& stage) {
    const int lane = thread % 32;
    uint32_t weights[SPLIT_TILES][4];
#pragma unroll
    for (int tile = 0; tile < SPLIT_TILES; tile++) {
      const int at = swizzled<SPLIT_STEP>(thread / 32 * 16 + lane % 16, 32 * tile + lane / 16 * 16);
      tensor::load_matrices(weights[tile], shared_address(stage.weights + at));
    }
for_live_tiles<TOKENS>(live, [&](int n) {
      float step[4] = {};
#pragma unroll
      for (int tile = 0; tile < SPLIT_TILES; tile++) {
        uint32_t parts[4];
        const int at = swizzled<SPLIT_STEP>(8 * n + lane % 8, 32 * tile + lane / 8 % 2 * 16);
        tensor::load_matrices(parts, shared_address(stage.parts[lane / 16] + at));
        Type::multiply(step, weights[tile], parts[0], parts[1]);
        Type::multiply(step, weights[tile], parts[2], parts[3]);
      }
#pragma unroll
      for (int i = 0; i < 4; i++) {
        sums.tile[n][i] += step[i];
      }
    });
  }

  // Sums of the steps first .. end - 1, in parts; the loop's length is the same for every team.
  __device__ __forceinline__ void run(Sums<TOKENS>& total, int first, int end, int count, int steps_of_part) {
#pragma unroll
    for (int i = 0; i < STAGES - 1; i++) {
      start_copies(first + i, end, i);
    }
    int stage = 0;
#pragma unroll 1
    for (int i = 0; i < count; i++) {
      wait_copies<STAGES - 2>();
      __syncthreads();
      start_copies(first + i + STAGES - 1, end, stage == 0 ? STAGES - 1 : stage - 1);
      if (first + i < end) {
        multiply_step(stages[stage]);
      }
      if (TEAMS == 1 && (i + 1) % steps_of_part == 0) {
        total.add(sums);
        sums.clear();
      }
      stage = stage == STAGES - 1 ? 0 : stage + 1;
    }
    total.add(sums);
  }
};

template <class Type, int ROW_WARPS, int TEAMS, int TOKENS, int STAGES>
__device__ __forceinline__ void multiply_split(const SplitOperands& o, const Output& output) {
  using Kernel = SplitMultiplication<Type, ROW_WARPS, TEAMS, TOKENS, STAGES>;
  static_assert(TEAMS == 1 || TEAMS == PARTS, "columns are summed in four parts");
  __shared__ typename Kernel::Stage stages[TEAMS][STAGES];
  static_assert(TEAMS == 1 || sizeof(stages) >= (TEAMS - 1) * Kernel::ROWS * TOKENS * sizeof(float), "the teams' sums take the stages' place");
  const int team = threadIdx.x / Kernel::THREADS;
  const int steps = (o.pitch + SPLIT_STEP - 1) / SPLIT_STEP;
  const int part = (steps + PARTS - 1) / PARTS;
  const int first = team * part;
  Sums<TOKENS> total;
  total.clear();
  Kernel kernel(o, stages[team], threadIdx.x % Kernel::THREADS);
  if constexpr (TEAMS == 1) {
    kernel.run(total, 0, steps, steps, part);
  } else {
    kernel.run(total, first, min(steps, first + part), part, part);
    add_teams<TEAMS, Kernel::THREADS>(total, reinterpret_cast<float*>(stages), team, kernel.thread);
  }
  if (team == 0) {
    total.store(output, kernel.first_row + kernel.thread / 32 * 16 + kernel.thread % 32 / 4, kernel.first_token);
  }
}

}  // namespace gemm

// The entries of a type; the shapes are those of gemm_quant.cuh.
#define GEMM_SPLIT_ENTRY(NAME, ...)                                                                                                    \
  extern "C" __global__ void __launch_bounds__(256, 2)                                                                                 \
      NAME(const Matrix weights, const uint8_t* __restrict__ parts, const float* __restrict__ scales, const float* __restrict__ bias,  \
           const float* residual, int residual_stride, float* y, int y_stride, int rows, int columns, int tokens) {                    \
    gemm::multiply_split<__VA_ARGS__>({weights, parts, (columns + 7) / 8 * 16, rows, tokens},                                          \
                                      {bias, residual, residual_stride, y, y_stride, rows, tokens, scales});                           \
  }
#define GEMM_SPLIT_ENTRIES(SUFFIX, TYPE)                       \
  GEMM_SPLIT_ENTRY(gemm_##SUFFIX, gemm::TYPE, 8, 1, 64, 3)     \
  GEMM_SPLIT_ENTRY(gemm_##SUFFIX##_few, gemm::TYPE, 2, 4, 16, 3)
