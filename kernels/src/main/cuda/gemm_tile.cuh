// What a block of the quantized GEMM keeps in shared memory, and how it gets there.
#pragma once

#include "gemm_copy.cuh"
#include "gemm_formats.cuh"

namespace gemm {

// Columns of a step, which is what one stage of the pipeline holds.
constexpr int STEP = 64;
constexpr int STEP_GROUPS = STEP / 32;
// Steps that share a piece of the scales' planes.
constexpr int SCALE_STEPS = 256 / STEP;

// Unsigned, since divisions of signed numbers take more instructions.
__device__ __forceinline__ int piece_of(unsigned step) { return step / SCALE_STEPS; }
__device__ __forceinline__ bool starts_piece(unsigned step) { return step % SCALE_STEPS == 0; }

// The rows and tokens of a product, and where activations lie: codes [2][tokens][columns], scales [tokens][columns / 32], sums [tokens][columns / 16].
struct Operands {
  Matrix weights;
  const int8_t* codes;
  const float* scales;
  const float* sums;
  int rows;
  int columns;
  int tokens;
};

// 64 columns of ROWS rows and TOKENS tokens.
template <class Format, int ROWS, int TOKENS>
struct Stage {
  alignas(128) uint8_t activations[2][TOKENS * STEP];
  alignas(128) uint8_t codes0[ROWS * Format::code_bytes(0)];
  alignas(128) uint8_t codes1[Format::CODE_PLANES > 1 ? ROWS * Format::code_bytes(1) : 16];
  float scales[STEP_GROUPS][TOKENS];
  float sums[Format::MINIMUMS > 0 ? TOKENS : 1][4];
};

// What a team of threads needs of the columns it works on.
template <class Format, int ROWS, int TOKENS, int STAGES>
struct Tile {
  Stage<Format, ROWS, TOKENS> stages[STAGES];
  alignas(128) uint8_t weight_scales[2][ROWS * Format::SCALE_BYTES];
};

template <int TOKENS, int THREADS>
__device__ __forceinline__ void copy_scales(float (&to)[STEP_GROUPS][TOKENS], const Operands& o, int first_token, int first_group, int thread) {
  const int groups = o.columns / 32;
  share<TOKENS * STEP_GROUPS, THREADS>(thread, [&](int i) {
    const int token = i / STEP_GROUPS;
    const int group = i % STEP_GROUPS;
    const bool present = first_token + token < o.tokens && first_group + group < groups;
    const int64_t at = static_cast<int64_t>(first_token + token) * groups + first_group + group;
    copy_async<4>(&to[group][token], o.scales + at, present ? 4 : 0);
  });
}

template <int TOKENS, int THREADS>
__device__ __forceinline__ void copy_sums(float (&to)[TOKENS][4], const Operands& o, int first_token, int first_group, int thread) {
  const int groups = o.columns / 32;
  share<TOKENS * STEP_GROUPS, THREADS>(thread, [&](int i) {
    const int token = i / STEP_GROUPS;
    const int group = i % STEP_GROUPS;
    const bool present = first_token + token < o.tokens && first_group + group < groups;
    const int64_t at = static_cast<int64_t>(first_token + token) * groups + first_group + group;
    copy_async<8>(&to[token][2 * group], o.sums + 2 * at, present ? 8 : 0);
  });
}

// Starts the copies of step `step` (columns 64 step on) into stage `stage`, and with every fourth step those of the scales of 256 columns.
template <class Format, int ROWS, int TOKENS, int STAGES, int THREADS>
__device__ __forceinline__ void copy_step(Tile<Format, ROWS, TOKENS, STAGES>& tile, const Operands& o, int first_row, int first_token, int step, int stage, int thread) {
  auto& to = tile.stages[stage];
  const Rows high = {o.codes, o.columns, first_token, o.tokens};
  const Rows low = {o.codes + static_cast<int64_t>(o.tokens) * o.columns, o.columns, first_token, o.tokens};
  copy_rows<STEP, TOKENS, THREADS>(to.activations[0], high, step * STEP, thread);
  copy_rows<STEP, TOKENS, THREADS>(to.activations[1], low, step * STEP, thread);
  copy_rows<Format::code_bytes(0), ROWS, THREADS>(to.codes0, plane_rows(o.weights, 0, first_row, o.rows), step * Format::code_bytes(0), thread);
  if constexpr (Format::CODE_PLANES > 1) {
    copy_rows<Format::code_bytes(1), ROWS, THREADS>(to.codes1, plane_rows(o.weights, 1, first_row, o.rows), step * Format::code_bytes(1), thread);
  }
  copy_scales<TOKENS, THREADS>(to.scales, o, first_token, step * STEP_GROUPS, thread);
  if constexpr (Format::MINIMUMS > 0) {
    copy_sums<TOKENS, THREADS>(to.sums, o, first_token, step * STEP_GROUPS, thread);
  }
  if (starts_piece(step)) {
    const int piece = piece_of(step);
    const Rows scales = plane_rows(o.weights, Format::CODE_PLANES, first_row, o.rows);
    copy_rows<Format::SCALE_BYTES, ROWS, THREADS>(tile.weight_scales[piece & 1], scales, piece * Format::SCALE_BYTES, thread);
  }
}

}  // namespace gemm
