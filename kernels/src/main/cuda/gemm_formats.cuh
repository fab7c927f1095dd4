// How the quantized GEMM reads each weight format from shared memory, where rows of the planes lie in pieces of 64 columns (codes) and 256 columns
// (scales). A format says
//   CODE_PLANES, code_bytes(p)  planes of codes, and the bytes that 64 columns take in each
//   SCALE_BYTES                 bytes that 256 columns take in the next plane
//   SUPER_BYTES                 bytes that 256 columns take in the plane after that, or 0
//   HALVES                      scales per 32 columns that the integers have to be kept apart for
//   MINIMUMS                    how many minimums there are per 32 columns: 0, 1 or 2
//   codes(...)                  four consecutive codes as int8
//   scales(...)                 what the integers of a group of 32 columns are multiplied with
// Symmetric formats (code - 8 and the like) subtract within the bytes, which costs less than a minimum would.
#pragma once

#include <cuda_fp16.h>

#include <cstdint>

#include "gemm_copy.cuh"

namespace gemm {

__device__ __forceinline__ uint32_t word_at(const uint8_t* p) { return *reinterpret_cast<const uint32_t*>(p); }
__device__ __forceinline__ float half_at(const uint8_t* p) { return __half2float(*reinterpret_cast<const __half*>(p)); }
__device__ __forceinline__ float2 halves_at(const uint8_t* p) { return __half22float2(*reinterpret_cast<const __half2*>(p)); }

// A row of the planes in shared memory.
struct Row {
  const uint8_t* codes[2];
  const uint8_t* scales;
  int row;
};

// Where codes are wanted: columns 16 half + 4 quarter .. + 3 of a group of 32, the first or second of the 64 columns and the 0th to 7th of the 256.
struct Place {
  int group;
  int group_of_256;
  int quarter;
};

// HALVES scales, and MINIMUMS which multiply sums of activations.
struct Scales {
  float scale[2];
  float minimum[2];
};

__device__ __forceinline__ uint32_t nibbles(const Row& row, const Place& place, int half) {
  const int at = swizzled<32>(row.row, 16 * place.group + 8 * half + 4 * (place.quarter >> 1));
  return (word_at(row.codes[0] + at) >> (4 * (place.quarter & 1))) & 0x0F0F0F0Fu;
}

template <int PLANE>
__device__ __forceinline__ uint32_t bits(const Row& row, const Place& place, int half) {
  return (word_at(row.codes[PLANE] + 8 * row.row + 4 * place.group) >> (4 * half + place.quarter)) & 0x01010101u;
}

template <int PLANE>
__device__ __forceinline__ uint32_t crumbs(const Row& row, const Place& place, int half) {
  return (word_at(row.codes[PLANE] + 16 * row.row + 8 * place.group + 4 * half) >> (2 * place.quarter)) & 0x03030303u;
}

// Codes less ZERO as int8, for codes below 128: adding 128 - ZERO cannot carry, and then flipping the top bit subtracts 128.
template <uint32_t ZERO>
__device__ __forceinline__ uint32_t centered(uint32_t codes) {
  return (codes + (128u - ZERO) * 0x01010101u) ^ 0x80808080u;
}

// The IQ4 table's values of four codes.
__device__ __forceinline__ uint32_t table_values(uint32_t codes) {
  // -127 -104 -83 -65, -49 -35 -22 -10 for codes below 8; 1 13 25 38, 53 69 89 113 above.
  constexpr uint32_t LOW0 = 0xBFAD9881u, LOW1 = 0xF6EADDCFu, HIGH0 = 0x26190D01u, HIGH1 = 0x71594535u;
  const uint32_t selector = __byte_perm(codes | (codes >> 4), 0u, 0x4420u) & 0x7777u;
  const uint32_t upper = ((codes >> 3) & 0x01010101u) * 0xFFu;
  return (__byte_perm(LOW0, LOW1, selector) & ~upper) | (__byte_perm(HIGH0, HIGH1, selector) & upper);
}

// Formats with nibbles and perhaps a plane of highest bits.
template <int PLANES>
struct Nibbles {
  static constexpr int CODE_PLANES = PLANES;
  static constexpr int SUPER_BYTES = 0;
  static constexpr int HALVES = 1;
  __host__ __device__ static constexpr int code_bytes(int plane) { return plane == 0 ? 32 : 8; }
  __device__ static uint32_t unsigned_codes(const Row& row, const Place& place, int half) {
    if constexpr (PLANES == 1) {
      return nibbles(row, place, half);
    } else {
      return nibbles(row, place, half) | bits<1>(row, place, half) << 4;
    }
  }
};

// Scales d per 32 columns.
struct Singles {
  static constexpr int SCALE_BYTES = 16;
  static constexpr int MINIMUMS = 0;
  __device__ static Scales scales(const Row& row, const Place& place, float2) { return {{half_at(row.scales + 16 * row.row + 2 * place.group_of_256)}, {}}; }
};

// Scales d and minimums m per 32 columns.
struct Pairs {
  static constexpr int SCALE_BYTES = 32;
  static constexpr int MINIMUMS = 1;
  __device__ static Scales scales(const Row& row, const Place& place, float2) {
    const float2 pair = halves_at(row.scales + swizzled<32>(row.row, 4 * place.group_of_256));
    return {{pair.x}, {pair.y}};
  }
};

struct Q4_0 : Nibbles<1>, Singles {
  __device__ static uint32_t codes(const Row& row, const Place& place, int half) { return centered<8>(unsigned_codes(row, place, half)); }
};

struct Q4_1 : Nibbles<1>, Pairs {
  __device__ static uint32_t codes(const Row& row, const Place& place, int half) { return unsigned_codes(row, place, half); }
};

struct Q5_0 : Nibbles<2>, Singles {
  __device__ static uint32_t codes(const Row& row, const Place& place, int half) { return centered<16>(unsigned_codes(row, place, half)); }
};

struct Q5_1 : Nibbles<2>, Pairs {
  __device__ static uint32_t codes(const Row& row, const Place& place, int half) { return unsigned_codes(row, place, half); }
};

struct Iq4Nl : Nibbles<1>, Singles {
  __device__ static uint32_t codes(const Row& row, const Place& place, int half) { return table_values(unsigned_codes(row, place, half)); }
};

struct Iq4Xs : Nibbles<1> {
  static constexpr int SCALE_BYTES = 8;
  static constexpr int SUPER_BYTES = 2;
  static constexpr int MINIMUMS = 0;
  __device__ static uint32_t codes(const Row& row, const Place& place, int half) { return table_values(unsigned_codes(row, place, half)); }
  __device__ static Scales scales(const Row& row, const Place& place, float2 super) {
    return {{super.x * static_cast<int8_t>(row.scales[8 * row.row + place.group_of_256])}, {}};
  }
};

struct Q8_0 : Singles {
  static constexpr int CODE_PLANES = 1;
  static constexpr int SUPER_BYTES = 0;
  static constexpr int HALVES = 1;
  __host__ __device__ static constexpr int code_bytes(int) { return 64; }
  __device__ static uint32_t codes(const Row& row, const Place& place, int half) {
    return word_at(row.codes[0] + swizzled<64>(row.row, 32 * place.group + 16 * half + 4 * place.quarter));
  }
};

// Q4_K and Q5_K.
template <int PLANES>
struct K45 : Nibbles<PLANES> {
  static constexpr int SCALE_BYTES = 16;
  static constexpr int SUPER_BYTES = 4;
  static constexpr int MINIMUMS = 1;
  __device__ static uint32_t codes(const Row& row, const Place& place, int half) { return Nibbles<PLANES>::unsigned_codes(row, place, half); }
  __device__ static Scales scales(const Row& row, const Place& place, float2 super) {
    const uint8_t* pair = row.scales + 16 * row.row + 2 * place.group_of_256;
    return {{super.x * pair[0]}, {-super.y * pair[1]}};
  }
};

using Q4_K = K45<1>;
using Q5_K = K45<2>;

// Scale times code is at most 15 * 3, so that products take the codes' place and the 32 columns need one scale.
struct Q2_K {
  static constexpr int CODE_PLANES = 1;
  static constexpr int SCALE_BYTES = 16;
  static constexpr int SUPER_BYTES = 4;
  static constexpr int HALVES = 1;
  static constexpr int MINIMUMS = 2;
  __host__ __device__ static constexpr int code_bytes(int) { return 16; }
  __device__ static const uint8_t* bytes(const Row& row, const Place& place) { return row.scales + 16 * row.row + 2 * place.group_of_256; }
  __device__ static uint32_t codes(const Row& row, const Place& place, int half) { return crumbs<0>(row, place, half) * (bytes(row, place)[half] & 15u); }
  __device__ static Scales scales(const Row& row, const Place& place, float2 super) {
    const uint8_t* pair = bytes(row, place);
    return {{super.x}, {-super.y * (pair[0] >> 4), -super.y * (pair[1] >> 4)}};
  }
};

// As in Q2_K. Scales are -32 to 31 and codes -4 to 3: minus their product lies in -128 to 124, fits a byte, and the sign is d's.
struct Q3_K {
  static constexpr int CODE_PLANES = 2;
  static constexpr int SCALE_BYTES = 16;
  static constexpr int SUPER_BYTES = 2;
  static constexpr int HALVES = 1;
  static constexpr int MINIMUMS = 0;
  __host__ __device__ static constexpr int code_bytes(int plane) { return plane == 0 ? 16 : 8; }
  __device__ static uint32_t codes(const Row& row, const Place& place, int half) {
    const uint32_t unsigned_codes = crumbs<0>(row, place, half) | bits<1>(row, place, half) << 2;
    const int scale = static_cast<int8_t>(row.scales[16 * row.row + 2 * place.group_of_256 + half]);
    // (4 - code) * scale in 16-bit lanes, which 1024 keeps from borrowing from each other; the low bytes count.
    const uint32_t zero = (1024u + 4u * static_cast<uint32_t>(scale)) * 0x00010001u;
    const uint32_t even = zero - (unsigned_codes & 0x00FF00FFu) * static_cast<uint32_t>(scale);
    const uint32_t odd = zero - ((unsigned_codes >> 8) & 0x00FF00FFu) * static_cast<uint32_t>(scale);
    return __byte_perm(even, odd, 0x6240u);
  }
  __device__ static Scales scales(const Row&, const Place&, float2 super) { return {{-super.x}, {}}; }
};

struct Q6_K {
  static constexpr int CODE_PLANES = 2;
  static constexpr int SCALE_BYTES = 16;
  static constexpr int SUPER_BYTES = 2;
  static constexpr int HALVES = 2;
  static constexpr int MINIMUMS = 0;
  __host__ __device__ static constexpr int code_bytes(int plane) { return plane == 0 ? 32 : 16; }
  __device__ static uint32_t codes(const Row& row, const Place& place, int half) {
    return centered<32>(nibbles(row, place, half) | crumbs<1>(row, place, half) << 4);
  }
  __device__ static Scales scales(const Row& row, const Place& place, float2 super) {
    const int8_t* pair = reinterpret_cast<const int8_t*>(row.scales) + 16 * row.row + 2 * place.group_of_256;
    return {{super.x * pair[0], super.x * pair[1]}, {}};
  }
};

}  // namespace gemm
