// The sums of a GEMM on tensor cores, and what every GEMM does with sums in the end.
#pragma once

#include <cstdint>

namespace gemm {

// y[token][row] = sum * scale + bias + residual, where null means 1 or 0. The residual may be y itself: whoever writes an element has read it.
struct Output {
  const float* bias;
  const float* residual;
  int residual_stride;
  float* y;
  int y_stride;
  int rows;
  int tokens;
  const float* token_scales;

  __device__ __forceinline__ void store(int token, int row, float sum) const {
    if (token >= tokens || row >= rows) {
      return;
    }
    if (token_scales != nullptr) {
      sum *= token_scales[token];
    }
    if (bias != nullptr) {
      sum += bias[row];
    }
    if (residual != nullptr) {
      sum += residual[static_cast<int64_t>(token) * residual_stride + row];
    }
    y[static_cast<int64_t>(token) * y_stride + row] = sum;
  }
};

// Tiles of eight tokens that a warp multiplies without a branch between them, so that one can wait for memory while another computes. Tokens that
// are not there are zeros in shared memory.
constexpr int TILES_AT_ONCE = 4;

// How many tiles a warp has to multiply: none without rows.
template <int TOKENS>
__device__ __forceinline__ int live_tiles(int first_row, int rows, int first_token, int tokens) {
  return first_row < rows ? (min(TOKENS, tokens - first_token) + 7) / 8 : 0;
}

// Calls action(tile) for the live tiles, and perhaps some more.
template <int TOKENS, class Action>
__device__ __forceinline__ void for_live_tiles(int live, Action action) {
  constexpr int TILES = TOKENS / 8;
#pragma unroll
  for (int first = 0; first < TILES; first += TILES_AT_ONCE) {
    if (first < live) {
#pragma unroll
      for (int tile = first; tile < first + TILES_AT_ONCE && tile < TILES; tile++) {
        action(tile);
      }
    }
  }
}

// Columns are summed in so many parts, and the parts in order.
constexpr int PARTS = 4;

// The warp's sums: [8 tokens a tile][rows l / 4, l / 4 + 8 by tokens 2 (l % 4), 2 (l % 4) + 1].
template <int TOKENS>
struct Sums {
  float tile[TOKENS / 8][4];

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int i = 0; i < TOKENS / 2; i++) {
      tile[i / 4][i % 4] = 0.0f;
    }
  }

  __device__ __forceinline__ void add(const Sums& other) {
#pragma unroll
    for (int i = 0; i < TOKENS / 2; i++) {
      tile[i / 4][i % 4] += other.tile[i / 4][i % 4];
    }
  }

  // Row and token are the lane's and the block's first.
  __device__ __forceinline__ void store(const Output& output, int row, int first_token) const {
#pragma unroll
    for (int n = 0; n < TOKENS / 8; n++) {
      const int token = first_token + 8 * n + 2 * (threadIdx.x % 4);
      output.store(token, row, tile[n][0]);
      output.store(token + 1, row, tile[n][1]);
      output.store(token, row + 8, tile[n][2]);
      output.store(token + 1, row + 8, tile[n][3]);
    }
  }
};

// Adds the sums of the teams, in order, to those of the first one; `shared` holds ROWS * TOKENS floats for each of the others.
template <int TEAMS, int THREADS, int TOKENS>
__device__ __forceinline__ void add_teams(Sums<TOKENS>& total, float* shared, int team, int thread) {
  constexpr int COUNT = TOKENS / 2;
  __syncthreads();
  if (team > 0) {
#pragma unroll
    for (int i = 0; i < COUNT; i++) {
      shared[((team - 1) * COUNT + i) * THREADS + thread] = total.tile[i / 4][i % 4];
    }
  }
  __syncthreads();
  if (team == 0) {
#pragma unroll
    for (int i = 0; i < (TEAMS - 1) * COUNT; i++) {
      total.tile[i % COUNT / 4][i % 4] += shared[i * THREADS + thread];
    }
  }
}

}  // namespace gemm
