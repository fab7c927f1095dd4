// Tiles of cached rows in shared memory as f16, copied from the cache's pages in the background.
#pragma once
#include "async_copy.cuh"
#include "attention.cuh"

namespace attention {

constexpr int TILE_THREADS = 128;

// Rows of SIZE f16. A row's 16-byte pieces are permuted by its number, so that the same piece of 8 rows in a row lies in different banks.
template <int SIZE, int TOKENS>
struct Tile {
  static constexpr int PIECES = SIZE / 8;
  static constexpr int BYTES = 2 * SIZE * TOKENS;

  __device__ static int offset(int row, int piece) { return 16 * (row * PIECES + (piece ^ row % 8)); }
};

// Which cached rows a tile has.
struct TileRows {
  const char* keys;
  const char* values;
  const int* block_table;
  int kv_head;
  int kv_heads;
  uint32_t block_tokens;
  uint32_t end;  // of the positions
};

// Calls visit(index, row of the tile, piece of the row, chunk, row of the chunk, whether it is there) for a thread's PER_THREAD pieces of a tile that
// starts at this position, where rows are PIECES pieces long.
template <int PIECES, int PER_THREAD, class Visit>
__device__ inline void visit_pieces(const TileRows& rows, int position, Visit visit) {
  int row = threadIdx.x / PIECES;
#pragma unroll
  for (int i = 0; i < PER_THREAD; i++) {
    uint32_t at = position + row;
    bool present = at < rows.end;
    int block = present ? rows.block_table[at / rows.block_tokens] : 0;
    visit(i, row, (int)threadIdx.x % PIECES, block * rows.kv_heads + rows.kv_head, (int)(at % rows.block_tokens), present);
    row += TILE_THREADS / PIECES;
  }
}

// f16 rows are copied as they are.
template <int SIZE, int TOKENS>
struct SourceF16 {
  using T = Tile<SIZE, TOKENS>;
  static constexpr int PER_THREAD = T::PIECES * TOKENS / TILE_THREADS;
  static constexpr int RAW_BYTES = 0;
  static constexpr int SCALES = 0;

  __device__ static void copy(const TileRows& rows, int position, char* keys, char* values, char*) {
    visit_pieces<T::PIECES, PER_THREAD>(rows, position, [&](int, int row, int piece, int chunk, int chunk_row, bool present) {
      int64_t from = (int64_t)chunk * F16::chunk_bytes(SIZE, rows.block_tokens) + chunk_row * F16::row_bytes(SIZE) + 16 * piece;
      int to = T::offset(row, piece);
      copy_async<16>(keys + to, rows.keys + from, present ? 16 : 0);
      copy_async<16>(values + to, rows.values + from, present ? 16 : 0);
    });
  }

  __device__ static void convert(int, char*, float*, const char*) {}
};

// q8_0 rows are copied raw, each thread to places of its own; the same thread converts them later, to their codes, which f16 holds exactly, and a float
// scale for 32 of them.
template <int SIZE, int TOKENS>
struct SourceQ8_0 {
  using T = Tile<SIZE, TOKENS>;
  static constexpr int PIECES = SIZE / 16;
  static constexpr int PER_THREAD = PIECES * TOKENS / TILE_THREADS;
  static constexpr int SCALES_AT = 16 * 2 * PER_THREAD * TILE_THREADS;
  static constexpr int RAW_BYTES = 20 * 2 * PER_THREAD * TILE_THREADS;
  static constexpr int SCALES = SIZE / 32 * TOKENS;

  __device__ static void copy(const TileRows& rows, int position, char*, char*, char* raw) {
    visit_pieces<PIECES, PER_THREAD>(rows, position, [&](int i, int, int piece, int chunk, int chunk_row, bool present) {
      int64_t from = (int64_t)chunk * Q8_0::chunk_bytes(SIZE, rows.block_tokens);
      int64_t codes = from + chunk_row * Q8_0::row_bytes(SIZE) + 16 * piece;
      int64_t scales = from + Q8_0::scales_offset(SIZE, rows.block_tokens) + 2 * (chunk_row * Q8_0::row_scales(SIZE) + piece / 4 * 2);
      copy_async<16>(raw + 16 * slot(i, 0), rows.keys + codes, present ? 16 : 0);
      copy_async<16>(raw + 16 * slot(i, 1), rows.values + codes, present ? 16 : 0);
      copy_async<4>(raw + SCALES_AT + 4 * slot(i, 0), rows.keys + scales, present ? 4 : 0);
      copy_async<4>(raw + SCALES_AT + 4 * slot(i, 1), rows.values + scales, present ? 4 : 0);
    });
  }

  // Converts a tile of keys (side 0) or of values (side 1). Scale g of a token is scales[g * TOKENS + token].
  __device__ static void convert(int side, char* tile, float* scales, const char* raw) {
#pragma unroll
    for (int i = 0; i < PER_THREAD; i++) {
      int row = ((int)threadIdx.x + i * TILE_THREADS) / PIECES;
      int piece = (int)threadIdx.x % PIECES;
      uint4 codes = *(const uint4*)(raw + 16 * slot(i, side));
      uint32_t both = *(const uint32_t*)(raw + SCALES_AT + 4 * slot(i, side));
      if (piece % 2 == 0) {
        scales[piece / 2 * TOKENS + row] = __half2float(__ushort_as_half((unsigned short)(piece / 2 % 2 ? both >> 16 : both)));
      }
      // 16 codes are two pieces of f16. Half of the threads write the second first, so that the pieces written at once lie in different banks.
      bool swapped = piece & 4;
      uint2 first = swapped ? make_uint2(codes.z, codes.w) : make_uint2(codes.x, codes.y);
      uint2 second = swapped ? make_uint2(codes.x, codes.y) : make_uint2(codes.z, codes.w);
      *(uint4*)(tile + T::offset(row, 2 * piece + swapped)) = piece_of(first);
      *(uint4*)(tile + T::offset(row, 2 * piece + !swapped)) = piece_of(second);
    }
  }

  __device__ static int slot(int i, int side) { return (2 * i + side) * TILE_THREADS + (int)threadIdx.x; }

  __device__ static uint4 piece_of(uint2 codes) { return make_uint4(pair(codes.x, 0), pair(codes.x, 2), pair(codes.y, 0), pair(codes.y, 2)); }

  // Codes i and i + 1 of a word. A code plus 128 as the lowest byte of an f16 of 1024 is the f16 1024 + 128 + code.
  __device__ static uint32_t pair(uint32_t codes, int i) {
    uint32_t word = __byte_perm(codes ^ 0x80808080u, 0x64646464u, 0x4040 + 0x0101 * i + 0x0100);
    __half2 values = __hsub2(*(const __half2*)&word, __float2half2_rn(1152.0f));
    return *(const uint32_t*)&values;
  }
};

}  // namespace attention
