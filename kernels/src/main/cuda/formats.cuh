// How weights lie on the device and how 32 columns of a row are read; README.md has the layouts.
#pragma once

#include "matrix.cuh"
#include "memory.cuh"

// One row's start in each plane.
struct Row {
  const unsigned char* plane[4];
};

__device__ __forceinline__ Row row_of(const Matrix& matrix, int row) {
  Row found;
#pragma unroll
  for (int p = 0; p < 4; p++) {
    found.plane[p] = static_cast<const unsigned char*>(matrix.plane[p]) + static_cast<long long>(row) * matrix.pitch[p];
  }
  return found;
}

// Component i of a vector; i is a constant once loops are unrolled.
__device__ __forceinline__ unsigned word(uint4 v, int i) {
  return i == 0 ? v.x : i == 1 ? v.y : i == 2 ? v.z : v.w;
}
__device__ __forceinline__ unsigned word(uint2 v, int i) { return i == 0 ? v.x : v.y; }

// Moves bits up by `by`, or down where it is negative.
__device__ __forceinline__ unsigned shifted(unsigned bits, int by) {
  return by >= 0 ? bits << by : bits >> -by;
}

// Four codes, a byte each: those of columns 8j + 4h .. 8j + 4h + 3, with j of 0..3 and h of 0..1.
__device__ __forceinline__ unsigned four_nibbles(uint4 nibbles, int j, int h) {
  return (word(nibbles, j) >> 4 * h) & 0x0f0f0f0fu;
}
// The same for bits and crumbs, moved up by `place`.
__device__ __forceinline__ unsigned four_bits(unsigned bits, int j, int h, int place) {
  return shifted(bits, place - (2 * j + h)) & (0x01010101u << place);
}
__device__ __forceinline__ unsigned four_crumbs(uint2 crumbs, int j, int h, int place) {
  return shifted(word(crumbs, j >> 1), place - 2 * (2 * (j & 1) + h)) & (0x03030303u << place);
}

__device__ __forceinline__ unsigned permute(unsigned low, unsigned high, unsigned selector) {
  unsigned result;
  asm("prmt.b32 %0, %1, %2, %3;" : "=r"(result) : "r"(low), "r"(high), "r"(selector));
  return result;
}

// The IQ4 levels of the four nibbles in the low half of a word. `low3` has the nibbles' lower three bits; `choice` selects
// from the two candidates: byte i of the first for levels 0..7, of the second for levels 8..15.
__device__ __forceinline__ unsigned four_levels(unsigned low3, unsigned choice) {
  unsigned lower = permute(0xbfad9881u, 0xf6eaddcfu, low3);
  unsigned upper = permute(0x26190d01u, 0x71594535u, low3);
  return permute(lower, upper, choice);
}

// The levels of a word's eight nibbles, as four_nibbles orders them.
__device__ __forceinline__ void eight_levels(unsigned nibbles, unsigned& low, unsigned& high) {
  unsigned low3 = nibbles & 0x77777777u;
  unsigned choice = ((nibbles >> 1) & 0x44444444u) | 0x32103210u;
  unsigned first = four_levels(low3, choice);
  unsigned second = four_levels(low3 >> 16, choice >> 16);
  low = permute(first, second, 0x6420u);
  high = permute(first, second, 0x7531u);
}

__device__ __forceinline__ float half(unsigned short bits) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
  return value;
}
__device__ __forceinline__ float low_half(unsigned pair) {
  return half(static_cast<unsigned short>(pair));
}
__device__ __forceinline__ float high_half(unsigned pair) {
  return half(static_cast<unsigned short>(pair >> 16));
}
__device__ __forceinline__ float unsigned_byte(unsigned bytes, int i) {
  return static_cast<float>((bytes >> 8 * i) & 255u);
}
__device__ __forceinline__ float signed_byte(unsigned bytes, int i) {
  return static_cast<float>(static_cast<int>(bytes << (24 - 8 * i)) >> 24);
}

// Bytes before a group in a plane that has `bytes` for eight groups. Planes with less than eight hold something for all eight at once.
__device__ __forceinline__ constexpr int place(int bytes, int group) { return bytes < 8 ? (group >> 3) * bytes : group * (bytes / 8); }

template <class F>
__device__ __forceinline__ constexpr int offset(int plane, int group) {
  return place(F::bytes(plane), group);
}

// The row from some group on.
template <class F>
__device__ __forceinline__ Row moved(const Row& row, int group) {
  Row found;
#pragma unroll
  for (int p = 0; p < 4; p++) {
    found.plane[p] = row.plane[p] + offset<F>(p, group);
  }
  return found;
}

// A quantized format F holds what a thread needs of 32 consecutive columns (a group) of a row:
//   F::bytes(plane)          that eight groups take
//   F::load<GROUP>(row)      reads the group that is GROUP, a multiple of eight, after the row's
//   codes(j, low, high)      the codes of columns 8j .. 8j + 3 and 8j + 4 .. 8j + 7, a signed byte each; j of 0..3
//   scale(h), minimum(h)     of columns 16h .. 16h + 15; all of the group where HALVES is 1
// weight = scale * (code - OFFSET) + minimum, with minimum 0 unless MINIMUM.

struct Q8_0 {
  static constexpr int HALVES = 1;
  static constexpr int OFFSET = 0;
  static constexpr bool MINIMUM = false;
  uint4 first, second;
  unsigned short d;

  static __device__ __forceinline__ constexpr int bytes(int p) { return p == 0 ? 256 : p == 1 ? 16 : 0; }
  template <int GROUP = 0>
  static __device__ __forceinline__ Q8_0 load(const Row& row) {
    return {stream16<place(bytes(0), GROUP)>(row.plane[0]), stream16<place(bytes(0), GROUP) + 16>(row.plane[0]), stream2<place(bytes(1), GROUP)>(row.plane[1])};
  }
  __device__ __forceinline__ void codes(int j, unsigned& low, unsigned& high) const {
    low = word(j < 2 ? first : second, 2 * (j & 1));
    high = word(j < 2 ? first : second, 2 * (j & 1) + 1);
  }
  __device__ __forceinline__ float scale(int) const { return half(d); }
  __device__ __forceinline__ float minimum(int) const { return 0; }
};

struct Q4_0 {
  static constexpr int HALVES = 1;
  static constexpr int OFFSET = 8;
  static constexpr bool MINIMUM = false;
  uint4 nibbles;
  unsigned short d;

  static __device__ __forceinline__ constexpr int bytes(int p) { return p == 0 ? 128 : p == 1 ? 16 : 0; }
  template <int GROUP = 0>
  static __device__ __forceinline__ Q4_0 load(const Row& row) {
    return {stream16<place(bytes(0), GROUP)>(row.plane[0]), stream2<place(bytes(1), GROUP)>(row.plane[1])};
  }
  __device__ __forceinline__ void codes(int j, unsigned& low, unsigned& high) const {
    low = four_nibbles(nibbles, j, 0);
    high = four_nibbles(nibbles, j, 1);
  }
  __device__ __forceinline__ float scale(int) const { return half(d); }
  __device__ __forceinline__ float minimum(int) const { return 0; }
};

struct Q4_1 {
  static constexpr int HALVES = 1;
  static constexpr int OFFSET = 0;
  static constexpr bool MINIMUM = true;
  uint4 nibbles;
  unsigned pair;

  static __device__ __forceinline__ constexpr int bytes(int p) { return p == 0 ? 128 : p == 1 ? 32 : 0; }
  template <int GROUP = 0>
  static __device__ __forceinline__ Q4_1 load(const Row& row) {
    return {stream16<place(bytes(0), GROUP)>(row.plane[0]), stream4<place(bytes(1), GROUP)>(row.plane[1])};
  }
  __device__ __forceinline__ void codes(int j, unsigned& low, unsigned& high) const {
    low = four_nibbles(nibbles, j, 0);
    high = four_nibbles(nibbles, j, 1);
  }
  __device__ __forceinline__ float scale(int) const { return low_half(pair); }
  __device__ __forceinline__ float minimum(int) const { return high_half(pair); }
};

struct Q5_0 {
  static constexpr int HALVES = 1;
  static constexpr int OFFSET = 16;
  static constexpr bool MINIMUM = false;
  uint4 nibbles;
  unsigned bits;
  unsigned short d;

  static __device__ __forceinline__ constexpr int bytes(int p) { return p == 0 ? 128 : p == 1 ? 32 : p == 2 ? 16 : 0; }
  template <int GROUP = 0>
  static __device__ __forceinline__ Q5_0 load(const Row& row) {
    return {stream16<place(bytes(0), GROUP)>(row.plane[0]), stream4<place(bytes(1), GROUP)>(row.plane[1]), stream2<place(bytes(2), GROUP)>(row.plane[2])};
  }
  __device__ __forceinline__ void codes(int j, unsigned& low, unsigned& high) const {
    low = four_nibbles(nibbles, j, 0) | four_bits(bits, j, 0, 4);
    high = four_nibbles(nibbles, j, 1) | four_bits(bits, j, 1, 4);
  }
  __device__ __forceinline__ float scale(int) const { return half(d); }
  __device__ __forceinline__ float minimum(int) const { return 0; }
};

struct Q5_1 {
  static constexpr int HALVES = 1;
  static constexpr int OFFSET = 0;
  static constexpr bool MINIMUM = true;
  uint4 nibbles;
  unsigned bits;
  unsigned pair;

  static __device__ __forceinline__ constexpr int bytes(int p) { return p == 0 ? 128 : p == 1 ? 32 : p == 2 ? 32 : 0; }
  template <int GROUP = 0>
  static __device__ __forceinline__ Q5_1 load(const Row& row) {
    return {stream16<place(bytes(0), GROUP)>(row.plane[0]), stream4<place(bytes(1), GROUP)>(row.plane[1]), stream4<place(bytes(2), GROUP)>(row.plane[2])};
  }
  __device__ __forceinline__ void codes(int j, unsigned& low, unsigned& high) const {
    low = four_nibbles(nibbles, j, 0) | four_bits(bits, j, 0, 4);
    high = four_nibbles(nibbles, j, 1) | four_bits(bits, j, 1, 4);
  }
  __device__ __forceinline__ float scale(int) const { return low_half(pair); }
  __device__ __forceinline__ float minimum(int) const { return high_half(pair); }
};

struct IQ4_NL {
  static constexpr int HALVES = 1;
  static constexpr int OFFSET = 0;
  static constexpr bool MINIMUM = false;
  uint4 nibbles;
  unsigned short d;

  static __device__ __forceinline__ constexpr int bytes(int p) { return p == 0 ? 128 : p == 1 ? 16 : 0; }
  template <int GROUP = 0>
  static __device__ __forceinline__ IQ4_NL load(const Row& row) {
    return {stream16<place(bytes(0), GROUP)>(row.plane[0]), stream2<place(bytes(1), GROUP)>(row.plane[1])};
  }
  __device__ __forceinline__ void codes(int j, unsigned& low, unsigned& high) const {
    eight_levels(word(nibbles, j), low, high);
  }
  __device__ __forceinline__ float scale(int) const { return half(d); }
  __device__ __forceinline__ float minimum(int) const { return 0; }
};

struct IQ4_XS {
  static constexpr int HALVES = 1;
  static constexpr int OFFSET = 0;
  static constexpr bool MINIMUM = false;
  uint4 nibbles;
  int small;
  unsigned short d;

  static __device__ __forceinline__ constexpr int bytes(int p) { return p == 0 ? 128 : p == 1 ? 8 : p == 2 ? 2 : 0; }
  template <int GROUP = 0>
  static __device__ __forceinline__ IQ4_XS load(const Row& row) {
    return {stream16<place(bytes(0), GROUP)>(row.plane[0]), stream_signed1<place(bytes(1), GROUP)>(row.plane[1]), cached2<place(bytes(2), GROUP)>(row.plane[2])};
  }
  __device__ __forceinline__ void codes(int j, unsigned& low, unsigned& high) const {
    eight_levels(word(nibbles, j), low, high);
  }
  __device__ __forceinline__ float scale(int) const { return half(d) * static_cast<float>(small); }
  __device__ __forceinline__ float minimum(int) const { return 0; }
};

struct Q2_K {
  static constexpr int HALVES = 2;
  static constexpr int OFFSET = 0;
  static constexpr bool MINIMUM = true;
  uint2 crumbs;
  unsigned short small;
  unsigned pair;

  static __device__ __forceinline__ constexpr int bytes(int p) { return p == 0 ? 64 : p == 1 ? 16 : p == 2 ? 4 : 0; }
  template <int GROUP = 0>
  static __device__ __forceinline__ Q2_K load(const Row& row) {
    return {stream8<place(bytes(0), GROUP)>(row.plane[0]), stream2<place(bytes(1), GROUP)>(row.plane[1]), cached4<place(bytes(2), GROUP)>(row.plane[2])};
  }
  __device__ __forceinline__ void codes(int j, unsigned& low, unsigned& high) const {
    low = four_crumbs(crumbs, j, 0, 0);
    high = four_crumbs(crumbs, j, 1, 0);
  }
  __device__ __forceinline__ float scale(int h) const {
    return low_half(pair) * static_cast<float>((small >> 8 * h) & 15);
  }
  __device__ __forceinline__ float minimum(int h) const {
    return -high_half(pair) * static_cast<float>((small >> (8 * h + 4)) & 15);
  }
};

struct Q3_K {
  static constexpr int HALVES = 2;
  static constexpr int OFFSET = 4;
  static constexpr bool MINIMUM = false;
  uint2 crumbs;
  unsigned bits;
  unsigned short small;
  unsigned short d;

  static __device__ __forceinline__ constexpr int bytes(int p) { return p == 0 ? 64 : p == 1 ? 32 : p == 2 ? 16 : p == 3 ? 2 : 0; }
  template <int GROUP = 0>
  static __device__ __forceinline__ Q3_K load(const Row& row) {
    return {stream8<place(bytes(0), GROUP)>(row.plane[0]), stream4<place(bytes(1), GROUP)>(row.plane[1]), stream2<place(bytes(2), GROUP)>(row.plane[2]),
            cached2<place(bytes(3), GROUP)>(row.plane[3])};
  }
  __device__ __forceinline__ void codes(int j, unsigned& low, unsigned& high) const {
    low = four_crumbs(crumbs, j, 0, 0) | four_bits(bits, j, 0, 2);
    high = four_crumbs(crumbs, j, 1, 0) | four_bits(bits, j, 1, 2);
  }
  __device__ __forceinline__ float scale(int h) const { return half(d) * signed_byte(small, h); }
  __device__ __forceinline__ float minimum(int) const { return 0; }
};

struct Q4_K {
  static constexpr int HALVES = 1;
  static constexpr int OFFSET = 0;
  static constexpr bool MINIMUM = true;
  uint4 nibbles;
  unsigned short small;
  unsigned pair;

  static __device__ __forceinline__ constexpr int bytes(int p) { return p == 0 ? 128 : p == 1 ? 16 : p == 2 ? 4 : 0; }
  template <int GROUP = 0>
  static __device__ __forceinline__ Q4_K load(const Row& row) {
    return {stream16<place(bytes(0), GROUP)>(row.plane[0]), stream2<place(bytes(1), GROUP)>(row.plane[1]), cached4<place(bytes(2), GROUP)>(row.plane[2])};
  }
  __device__ __forceinline__ void codes(int j, unsigned& low, unsigned& high) const {
    low = four_nibbles(nibbles, j, 0);
    high = four_nibbles(nibbles, j, 1);
  }
  __device__ __forceinline__ float scale(int) const { return low_half(pair) * unsigned_byte(small, 0); }
  __device__ __forceinline__ float minimum(int) const { return -high_half(pair) * unsigned_byte(small, 1); }
};

struct Q5_K {
  static constexpr int HALVES = 1;
  static constexpr int OFFSET = 0;
  static constexpr bool MINIMUM = true;
  uint4 nibbles;
  unsigned bits;
  unsigned short small;
  unsigned pair;

  static __device__ __forceinline__ constexpr int bytes(int p) { return p == 0 ? 128 : p == 1 ? 32 : p == 2 ? 16 : p == 3 ? 4 : 0; }
  template <int GROUP = 0>
  static __device__ __forceinline__ Q5_K load(const Row& row) {
    return {stream16<place(bytes(0), GROUP)>(row.plane[0]), stream4<place(bytes(1), GROUP)>(row.plane[1]), stream2<place(bytes(2), GROUP)>(row.plane[2]),
            cached4<place(bytes(3), GROUP)>(row.plane[3])};
  }
  __device__ __forceinline__ void codes(int j, unsigned& low, unsigned& high) const {
    low = four_nibbles(nibbles, j, 0) | four_bits(bits, j, 0, 4);
    high = four_nibbles(nibbles, j, 1) | four_bits(bits, j, 1, 4);
  }
  __device__ __forceinline__ float scale(int) const { return low_half(pair) * unsigned_byte(small, 0); }
  __device__ __forceinline__ float minimum(int) const { return -high_half(pair) * unsigned_byte(small, 1); }
};

struct Q6_K {
  static constexpr int HALVES = 2;
  static constexpr int OFFSET = 32;
  static constexpr bool MINIMUM = false;
  uint4 nibbles;
  uint2 crumbs;
  unsigned short small;
  unsigned short d;

  static __device__ __forceinline__ constexpr int bytes(int p) { return p == 0 ? 128 : p == 1 ? 64 : p == 2 ? 16 : p == 3 ? 2 : 0; }
  template <int GROUP = 0>
  static __device__ __forceinline__ Q6_K load(const Row& row) {
    return {stream16<place(bytes(0), GROUP)>(row.plane[0]), stream8<place(bytes(1), GROUP)>(row.plane[1]), stream2<place(bytes(2), GROUP)>(row.plane[2]),
            cached2<place(bytes(3), GROUP)>(row.plane[3])};
  }
  __device__ __forceinline__ void codes(int j, unsigned& low, unsigned& high) const {
    low = four_nibbles(nibbles, j, 0) | four_crumbs(crumbs, j, 0, 4);
    high = four_nibbles(nibbles, j, 1) | four_crumbs(crumbs, j, 1, 4);
  }
  __device__ __forceinline__ float scale(int h) const { return half(d) * signed_byte(small, h); }
  __device__ __forceinline__ float minimum(int) const { return 0; }
};

// A plain format: COLUMNS values in 16 bytes, converted exactly.
struct F32 {
  static constexpr int COLUMNS = 4;
  static __device__ __forceinline__ float value(uint4 v, int i) { return __uint_as_float(word(v, i)); }
};
struct F16 {
  static constexpr int COLUMNS = 8;
  static __device__ __forceinline__ float value(uint4 v, int i) {
    return i & 1 ? high_half(word(v, i >> 1)) : low_half(word(v, i >> 1));
  }
};
struct BF16 {
  static constexpr int COLUMNS = 8;
  static __device__ __forceinline__ float value(uint4 v, int i) {
    unsigned both = word(v, i >> 1);
    return __uint_as_float(i & 1 ? both & 0xffff0000u : both << 16);
  }
};
