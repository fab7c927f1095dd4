// Attention of many tokens: a block has up to 64 consecutive tokens of one sequence and one query head, 16 tokens per warp, and walks the tiles of keys and
// values that any of them sees.
#pragma once
#include "attention_rows.cuh"

namespace attention {

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

// A tile of keys or of values, and the scales of its rows if they have any.
template <int SIZE, int TOKENS, class Source>
struct TileSide {
  static constexpr int TILE_BYTES = Tile<SIZE, TOKENS>::BYTES;
  static constexpr int BYTES = TILE_BYTES + 4 * Source::SCALES;

  char* start;

  __device__ char* tile() const { return start; }
  __device__ float* scales() const { return (float*)(start + TILE_BYTES); }
};

// Two tiles of keys and values: one in use, one on its way.
template <int SIZE, int TOKENS, class Source>
struct PrefillMemory {
  using Side = TileSide<SIZE, TOKENS, Source>;
  static constexpr int BYTES = 4 * Side::BYTES + Source::RAW_BYTES;

  char* start;

  __device__ Side keys(int stage) const { return {start + 2 * stage * Side::BYTES}; }
  __device__ Side values(int stage) const { return {start + (2 * stage + 1) * Side::BYTES}; }
  __device__ char* raw() const { return start + 4 * Side::BYTES; }
};

template <int SIZE, int TOKENS, class Source>
using RowsOf = QueryRows<SIZE, TOKENS, (Source::SCALES > 0)>;

// Walks the tiles from position `start` on that cover all that a block's rows see. A warp leaves out those that its own rows do not see.
template <int SIZE, int TOKENS, class Source>
__device__ inline void walk(RowsOf<SIZE, TOKENS, Source>& rows, int count, int start, const TileRows& cached, const Logit& logit, char* shared) {
  PrefillMemory<SIZE, TOKENS, Source> memory{shared};
  Source::copy(cached, start, memory.keys(0).tile(), memory.values(0).tile(), memory.raw());
  commit_copies();
  int stage = 0;
#pragma unroll 1
  for (int position = start; position < (int)cached.end; position += TOKENS) {
    wait_copies<0>();
    Source::convert(0, memory.keys(stage).tile(), memory.keys(stage).scales(), memory.raw());
    Source::convert(1, memory.values(stage).tile(), memory.values(stage).scales(), memory.raw());
    __syncthreads();
    if (position + TOKENS < (int)cached.end) {
      Source::copy(cached, position + TOKENS, memory.keys(1 - stage).tile(), memory.values(1 - stage).tile(), memory.raw());
      commit_copies();
    }
    if (threadIdx.x / 32 * 16 < count && rows.see_any(position)) {
      rows.attend(memory.keys(stage), memory.values(stage), position, logit);
    }
    stage = 1 - stage;
  }
}

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
  RowsOf<SIZE, TOKENS, Source> rows(tile.position + row, a.window, a.sinks == nullptr ? -INFINITY : a.sinks[head] * LOG2_E);
  const float* q = a.q + (int64_t)(tile.first + row) * a.q_stride + head * SIZE;
  Logit logit(a.scale, a.softcap);
  rows.read(q, q + 8 * (int64_t)a.q_stride, row < tile.count, row + 8 < tile.count, logit.factor());
  TileRows cached = {(const char*)a.keys, (const char*)a.values, a.block_tables + (int64_t)tile.sequence * a.table_stride,
                     head / (a.heads / a.kv_heads), a.kv_heads, (uint32_t)a.block_tokens, (uint32_t)(tile.position + tile.count)};
  walk<SIZE, TOKENS, Source>(rows, tile.count, seen(tile.position, a.window).first, cached, logit, shared);
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
