// Attention of many tokens: a block has up to 64 consecutive tokens of one sequence and one query head, 16 tokens per warp, and walks the tiles of keys and
// values that any of them sees.
#pragma once
#include "attention_fragments.cuh"
#include "attention_tile.cuh"

namespace attention {

// Weights are 2^12 times too large, which keeps small ones out of f16's subnormal numbers.
constexpr float WEIGHT_SHIFT = 12;

// The arguments of every prefill kernel, as the catalog has them.
struct PrefillArguments {
  const float* q;
  int q_stride;
  const void* keys;
  const void* values;
  const int* block_tables;
  int table_stride;
  const int4* tiles;
  const float* sinks;
  float* y;
  int y_stride;
  int heads;
  int kv_heads;
  int block_tokens;
  float scale;
  float softcap;
  int window;
};

// What a lane does for its two rows of the warp's 16: row r is token first + 8 r of the tile.
template <int SIZE, int TOKENS>
class QueryRows {
  using T = Tile<SIZE, TOKENS>;
  static constexpr int STEPS = SIZE / 16;    // of 16 elements
  static constexpr int BANDS = TOKENS / 16;  // of 16 tokens

  public:
  // The positions of both rows.
  __device__ QueryRows(int position, int window, float sink) : position_(position), window_(window) {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      maximum_[r] = sink;
      // The sink counts once, in one of a row's four lanes.
      denominator_[r] = sink > -INFINITY && threadIdx.x % 4 == 0 ? exp2_approx(WEIGHT_SHIFT) : 0.0f;
    }
#pragma unroll
    for (int n = 0; n < SIZE / 8; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        sums_[n][i] = 0;
      }
    }
  }

  // Reads a row of queries per r, or zeros where there is none, scaled by powers of two so that f16 can hold them.
  __device__ void read(const float* row0, const float* row1, bool present0, bool present1) {
    float x[STEPS][2][4];
    read_row(x, 0, row0, present0);
    read_row(x, 1, row1, present1);
#pragma unroll
    for (int s = 0; s < STEPS; s++) {
#pragma unroll
      for (int r = 0; r < 2; r++) {
        queries_[s].set(r, SplitPair::of(x[s][r][0], x[s][r][1]));
        queries_[s].set(r + 2, SplitPair::of(x[s][r][2], x[s][r][3]));
      }
    }
  }

  // Attends to the tokens of a tile, the first of them at `position`. Masks unless all rows see all of them.
  __device__ void attend(const char* keys, const char* values, int position, const Logit& logit, bool masked) {
    float scores[2 * BANDS][4];
    multiply_keys(scores, keys);
to_logits(scores, logit);
    if (masked) {
      mask(scores, position + (int)threadIdx.x % 4 * 2);
    }
    weigh(scores);
    multiply_values(scores, values);
  }

  // The quotient of sums and denominator for a row, elements 8 n + 2 (l % 4) + i.
  __device__ float result(int r, int n, int i) const { return sums_[n][2 * r + i] * factor_[r]; }

  __device__ void finish() {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float sum = quad_sum(denominator_[r]);
      factor_[r] = sum > 0 ? 1 / sum : 0.0f;
    }
  }

  private:
  int position_;
  int window_;
  float maximum_[2];
  float denominator_[2];
  float factor_[2];
  float unscale_[2];
  SplitMatrix queries_[STEPS];
  float sums_[SIZE / 8][4];

  __device__ static float quad_sum(float x) {
    x += __shfl_xor_sync(0xFFFFFFFFu, x, 1);
    return x + __shfl_xor_sync(0xFFFFFFFFu, x, 2);
  }

  __device__ static float quad_max(float x) {
    x = fmaxf(x, __shfl_xor_sync(0xFFFFFFFFu, x, 1));
    return fmaxf(x, __shfl_xor_sync(0xFFFFFFFFu, x, 2));
  }

  __device__ void read_row(float (&x)[STEPS][2][4], int r, const float* row, bool present) {
    float largest = 0;
    const float* from = row + threadIdx.x % 4 * 2;
#pragma unroll
    for (int s = 0; s < STEPS; s++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        x[s][r][i] = present ? from[16 * s + i / 2 * 8 + i % 2] : 0.0f;
        largest = fmaxf(largest, fabsf(x[s][r][i]));
      }
    }
    // Powers of two that bring the largest to 2^14 .. 2^15, and back.
    int exponent = min(126, 14 + 127 - (int)(__float_as_uint(quad_max(largest)) >> 23));
    float scale = __uint_as_float((uint32_t)(127 + exponent) << 23);
    unscale_[r] = __uint_as_float((uint32_t)(127 - exponent) << 23);
#pragma unroll
    for (int s = 0; s < STEPS; s++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        x[s][r][i] *= scale;
      }
    }
  }

  __device__ void multiply_keys(float (&scores)[2 * BANDS][4], const char* keys) const {
    int lane = threadIdx.x % 32;
    // Matrices: pieces 2 s and 2 s + 1 of 8 tokens, then of the next 8.
    int row = lane / 16 * 8 + lane % 8;
#pragma unroll
    for (int band = 0; band < BANDS; band++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        scores[2 * band][i] = 0;
        scores[2 * band + 1][i] = 0;
      }
#pragma unroll
      for (int s = 0; s < STEPS; s++) {
        uint32_t b[4];
        load_matrices(b, keys + T::offset(16 * band + row, 2 * s + lane / 8 % 2));
        multiply(scores[2 * band], queries_[s], b[0], b[1]);
        multiply(scores[2 * band + 1], queries_[s], b[2], b[3]);
      }
    }
  }

  __device__ void to_logits(float (&scores)[2 * BANDS][4], const Logit& logit) const {
    float factors[2] = {unscale_[0] * logit.factor(), unscale_[1] * logit.factor()};
#pragma unroll
    for (int n = 0; n < 2 * BANDS; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        scores[n][i] *= factors[i / 2];
      }
    }
    if (logit.capped()) {
#pragma unroll
      for (int n = 0; n < 2 * BANDS; n++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          scores[n][i] = logit.cap(scores[n][i]);
        }
      }
    }
  }

  // position: of the lane's first score.
  __device__ void mask(float (&scores)[2 * BANDS][4], int position) const {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      Range range = seen(position_ + 8 * r, window_);
#pragma unroll
      for (int n = 0; n < 2 * BANDS; n++) {
#pragma unroll
        for (int i = 0; i < 2; i++) {
          int p = position + 8 * n + i;
          if (p < range.first || p >= range.end) {
            scores[n][2 * r + i] = -INFINITY;
          }
        }
      }
    }
  }

  // Turns scores into weights relative to the maximum so far; sums and denominator follow it when it grows.
  __device__ void weigh(float (&scores)[2 * BANDS][4]) {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float highest = maximum_[r];
#pragma unroll
      for (int n = 0; n < 2 * BANDS; n++) {
        highest = fmaxf(highest, fmaxf(scores[n][2 * r], scores[n][2 * r + 1]));
      }
      highest = quad_max(highest);
      // A row that has seen nothing yet has no maximum; any number other than infinity gives it weights of zero.
      float reference = highest == -INFINITY ? 0.0f : highest;
      float factor = exp2_approx(maximum_[r] - reference);
      maximum_[r] = highest;
      float sum = 0;
#pragma unroll
      for (int n = 0; n < 2 * BANDS; n++) {
#pragma unroll
        for (int i = 2 * r; i < 2 * r + 2; i++) {
          scores[n][i] = exp2_approx(scores[n][i] - reference + WEIGHT_SHIFT);
          sum += scores[n][i];
        }
      }
      denominator_[r] = denominator_[r] * factor + sum;
#pragma unroll
      for (int n = 0; n < SIZE / 8; n++) {
        sums_[n][2 * r] *= factor;
        sums_[n][2 * r + 1] *= factor;
      }
    }
  }

  __device__ void multiply_values(const float (&weights)[2 * BANDS][4], const char* values) {
    int lane = threadIdx.x % 32;
#pragma unroll
    for (int band = 0; band < BANDS; band++) {
      SplitMatrix a;
      a.set(0, SplitPair::of(weights[2 * band][0], weights[2 * band][1]));
      a.set(1, SplitPair::of(weights[2 * band][2], weights[2 * band][3]));
      a.set(2, SplitPair::of(weights[2 * band + 1][0], weights[2 * band + 1][1]));
      a.set(3, SplitPair::of(weights[2 * band + 1][2], weights[2 * band + 1][3]));
#pragma unroll
      for (int n = 0; n < SIZE / 16; n++) {
        uint32_t b[4];
        // Matrices: 8 tokens of piece 2 n, the next 8 tokens, then the same of piece 2 n + 1.
        load_transposed(b, values + T::offset(16 * band + lane % 16, 2 * n + lane / 16));
        multiply(sums_[2 * n], a, b[0], b[1]);
        multiply(sums_[2 * n + 1], a, b[2], b[3]);
      }
    }
  }
};

// A block's rows: `count` tokens from row `first` of q and y, at consecutive positions.
struct QueryTile {
  int first;
  int count;
  int sequence;
  int position;

  __device__ static QueryTile of_block(const int4* tiles) {
    int4 tile = tiles[blockIdx.x];
    return {tile.x, tile.y, tile.z, tile.w};
  }
};

// The rows of padding have results of zero.
template <int SIZE>
__device__ inline void write_zeros(const PrefillArguments& a, const QueryTile& tile) {
  for (int i = threadIdx.x; i < tile.count * SIZE; i += TILE_THREADS) {
    a.y[(int64_t)(tile.first + i / SIZE) * a.y_stride + blockIdx.y * SIZE + i % SIZE] = 0;
  }
}

// Two tiles of keys and values: one in use, one on its way.
template <int SIZE, int TOKENS, class Source>
struct PrefillMemory {
  static constexpr int SIDE = Tile<SIZE, TOKENS>::BYTES;
  static constexpr int BYTES = 4 * SIDE + Source::RAW_BYTES;

  char* start;

  __device__ char* keys(int stage) const { return start + 2 * stage * SIDE; }
  __device__ char* values(int stage) const { return keys(stage) + SIDE; }
  __device__ char* raw() const { return start + 4 * SIDE; }
};

// Walks the tiles that cover all that a block's rows see.
template <int SIZE, int TOKENS, class Source>
__device__ inline void walk(QueryRows<SIZE, TOKENS>& rows, const PrefillArguments& a, const QueryTile& tile, const TileRows& cached, char* shared) {
  PrefillMemory<SIZE, TOKENS, Source> memory{shared};
  Logit logit(a.scale, a.softcap);
  int start = seen(tile.position, a.window).first;
  // What the warp's first row sees begins first, what its last sees ends last.
  int row = threadIdx.x / 32 * 16;
  Range first = seen(tile.position + row, a.window);
  Range last = seen(tile.position + row + 15, a.window);
  Source::copy(cached, start, memory.keys(0), memory.values(0), memory.raw());
  commit_copies();
  int stage = 0;
#pragma unroll 1
  for (int position = start; position < cached.end; position += TOKENS) {
    wait_copies<0>();
    Source::convert(memory.keys(stage), memory.values(stage), memory.raw());
    __syncthreads();
    if (position + TOKENS < cached.end) {
      Source::copy(cached, position + TOKENS, memory.keys(1 - stage), memory.values(1 - stage), memory.raw());
      commit_copies();
    }
    if (row < tile.count && position < last.end && position + TOKENS > first.first) {
      bool masked = position + TOKENS > first.end || position < last.first;
      rows.attend(memory.keys(stage), memory.values(stage), position, logit, masked);
    }
    stage = 1 - stage;
  }
}

// The lane's rows of a block's tile.
template <int SIZE, int TOKENS, class Source>
__device__ inline void prefill(const PrefillArguments& a) {
  __shared__ __align__(16) char shared[PrefillMemory<SIZE, TOKENS, Source>::BYTES];
  QueryTile tile = QueryTile::of_block(a.tiles);
  if (tile.position < 0 || tile.count <= 0) {
    write_zeros<SIZE>(a, tile);
    return;
  }
  int head = blockIdx.y;
  int row = threadIdx.x / 32 * 16 + threadIdx.x % 32 / 4;
  QueryRows<SIZE, TOKENS> rows(tile.position + row, a.window, a.sinks == nullptr ? -INFINITY : a.sinks[head] * LOG2_E);
  const float* q = a.q + (int64_t)(tile.first + row) * a.q_stride + head * SIZE;
  rows.read(q, q + 8 * (int64_t)a.q_stride, row < tile.count, row + 8 < tile.count);
  TileRows cached = {(const char*)a.keys, (const char*)a.values, a.block_tables + (int64_t)tile.sequence * a.table_stride,
                     head / (a.heads / a.kv_heads), a.kv_heads, a.block_tokens, tile.position + tile.count};
  walk<SIZE, TOKENS, Source>(rows, a, tile, cached, shared);
  rows.finish();
  float* y = a.y + (int64_t)(tile.first + row) * a.y_stride + head * SIZE + threadIdx.x % 4 * 2;
#pragma unroll
  for (int r = 0; r < 2; r++) {
    if (row + 8 * r < tile.count) {
#pragma unroll
      for (int n = 0; n < SIZE / 8; n++) {
        y[8 * r * (int64_t)a.y_stride + 8 * n] = rows.result(r, n, 0);
        y[8 * r * (int64_t)a.y_stride + 8 * n + 1] = rows.result(r, n, 1);
      }
    }
  }
}

}  // namespace attention
