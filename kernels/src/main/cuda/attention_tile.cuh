// Tiles of cached rows in shared memory as f16, copied from the cache's pages in the background.
#pragma once
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
  int block_tokens;
  int end;  // of the positions
};

// Calls visit(index, row of the tile, piece of the row, chunk, row of the chunk, whether it is there) for a thread's PER_THREAD pieces of a tile that
// starts at this position, where rows are PIECES pieces long.
template <int PIECES, int PER_THREAD, class Visit>
__device__ inline void visit_pieces(const TileRows& rows, int position, Visit visit) {
  int row = threadIdx.x / PIECES;
  Cursor cursor(position + row, TILE_THREADS / PIECES, rows.block_tokens);
#pragma unroll
  for (int i = 0; i < PER_THREAD; i++) {
    bool present = position + row < rows.end;
    int block = present ? rows.block_table[cursor.block] : 0;
    visit(i, row, (int)threadIdx.x % PIECES, block * rows.kv_heads + rows.kv_head, cursor.row, present);
    cursor.advance();
    row += TILE_THREADS / PIECES;
  }
}

// f16 rows are copied as they are, into the tile after the one in use.
template <int SIZE, int TOKENS>
struct SourceF16 {
  using T = Tile<SIZE, TOKENS>;
  static constexpr int PER_THREAD = T::PIECES * TOKENS / TILE_THREADS;
  static constexpr int RAW_BYTES = 0;

  __device__ static void copy(const TileRows& rows, int position, char* keys, char* values, char*) {
    visit_pieces<T::PIECES, PER_THREAD>(rows, position, [&](int, int row, int piece, int chunk, int chunk_row, bool present) {
      int64_t from = (int64_t)chunk * F16::chunk_bytes(SIZE, rows.block_tokens) + chunk_row * F16::row_bytes(SIZE) + 16 * piece;
      int to = T::offset(row, piece);
      copy_async<16>(keys + to, rows.keys + from, present ? 16 : 0);
      copy_async<16>(values + to, rows.values + from, present ? 16 : 0);
    });
  }

  __device__ static void convert(char*, char*, const char*) {}
};

// q8_0 rows are copied raw, each thread to places of its own; the same thread converts them later.
template <int SIZE, int TOKENS>
struct SourceQ8_0 {
  using T = Tile<SIZE, TOKENS>;
  static constexpr int PIECES = SIZE / 16;
  static constexpr int PER_THREAD = PIECES * TOKENS / TILE_THREADS;
  static constexpr int SCALES_AT = 16 * 2 * PER_THREAD * TILE_THREADS;
  static constexpr int RAW_BYTES = 20 * 2 * PER_THREAD * TILE_THREADS;

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

  __device__ static void convert(char* keys, char* values, const char* raw) {
#pragma unroll
    for (int i = 0; i < PER_THREAD; i++) {
      int row = ((int)threadIdx.x + i * TILE_THREADS) / PIECES;
      int piece = (int)threadIdx.x % PIECES;
      convert_piece(keys, row, piece, raw, slot(i, 0));
      convert_piece(values, row, piece, raw, slot(i, 1));
    }
  }

  __device__ static int slot(int i, int side) { return (2 * i + side) * TILE_THREADS + (int)threadIdx.x; }

  // 16 codes are two pieces of f16. Half of the threads write the second first, so that the pieces written at once lie in different banks.
  __device__ static void convert_piece(char* tile, int row, int piece, const char* raw, int slot) {
    uint4 codes = *(const uint4*)(raw + 16 * slot);
    uint32_t scales = *(const uint32_t*)(raw + SCALES_AT + 4 * slot);
    __half2 scale = __half2half2(__ushort_as_half((unsigned short)(piece / 2 % 2 ? scales >> 16 : scales)));
    bool swapped = piece & 4;
    uint2 first = swapped ? make_uint2(codes.z, codes.w) : make_uint2(codes.x, codes.y);
    uint2 second = swapped ? make_uint2(codes.x, codes.y) : make_uint2(codes.z, codes.w);
    *(uint4*)(tile + T::offset(row, 2 * piece + swapped)) = values_of(first, scale);
    *(uint4*)(tile + T::offset(row, 2 * piece + !swapped)) = values_of(second, scale);
  }

  __device__ static uint4 values_of(uint2 codes, __half2 scale) {
    return make_uint4(pair(codes.x, 0, scale), pair(codes.x, 2, scale), pair(codes.y, 0, scale), pair(codes.y, 2, scale));
  }

  // Codes i and i + 1 of a word times their scale. A code plus 128 as the lowest byte of an f16 of 1024 is the f16 1024 + 128 + code.
  __device__ static uint32_t pair(uint32_t codes, int i, __half2 scale) {
    uint32_t word = __byte_perm(codes ^ 0x80808080u, 0x64646464u, 0x4040 + 0x0101 * i + 0x0100);
    __half2 values = __hmul2(__hsub2(*(const __half2*)&word, __float2half2_rn(1152.0f)), scale);
    return *(const uint32_t*)&values;
  }
};

}  // namespace attention
