// How a warp reads cached rows for decoding. LANES lanes share a row, lane r of which holds CHUNKS parts of 8 elements; a warp reads 32 / LANES rows at once.
// Every lane copies its own parts to shared memory and reads only those back, so that no lane waits for another.
#pragma once
#include "async_copy.cuh"
#include "attention.cuh"

namespace attention {

// What the copies of keys and of values differ in.
struct Side {
  const char* cache;
  int size;
};

// One lane's parts in shared memory lie THREADS apart, so that the lanes of a warp touch neighbouring words.
constexpr int THREADS = 128;

// f32: a part is two pieces of 16 bytes, LANES pieces apart. SIZE 0 is any size; then lanes beyond the row's end have zeros.
template <int LANES, int CHUNKS, int SIZE>
struct PartsF32 {
  static constexpr int BYTES = 32 * CHUNKS * THREADS;

  // Index of element 4 * half + e of a part, over all lanes and chunks.
  __device__ static int element(int r, int chunk, int half) { return 4 * (r + LANES * (2 * chunk + half)); }
  // The opposite, within a chunk: which lane and half hold element d.
  __device__ static int lane_of(int d) { return d / 4 % LANES; }
  __device__ static int half_of(int d) { return d / (4 * LANES); }

  __device__ static void copy(char* slot, const Side& side, int chunk, int row, int r, int block_tokens, bool valid) {
    int size = SIZE ? SIZE : side.size;
    int row_bytes = F32::row_bytes(size);
    const char* from = address(address(side.cache + 16 * r, chunk, F32::chunk_bytes(size, block_tokens)), row, row_bytes);
#pragma unroll
    for (int i = 0; i < 2 * CHUNKS; i++) {
      bool present = valid && (SIZE || 16 * (r + LANES * i) < row_bytes);
      copy_async<16>(slot + 16 * (i * THREADS + threadIdx.x), from + 16 * LANES * i, present ? 16 : 0);
    }
  }

  __device__ static void read(float (&x)[8], const char* slot, int chunk, int, int, int) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float4 v = *(const float4*)(slot + 16 * ((2 * chunk + half) * THREADS + threadIdx.x));
      x[4 * half] = v.x;
      x[4 * half + 1] = v.y;
      x[4 * half + 2] = v.z;
      x[4 * half + 3] = v.w;
    }
  }
};

// What f16 and q8_0 share: a lane's 8 elements are neighbours.
template <int LANES>
struct Neighbours {
  __device__ static int element(int r, int chunk, int half) { return 8 * (r + LANES * chunk) + 4 * half; }
  __device__ static int lane_of(int d) { return d / 8; }
  __device__ static int half_of(int d) { return d / 4 % 2; }
};

template <int LANES, int CHUNKS, int SIZE>
struct PartsF16 : Neighbours<LANES> {
  static constexpr int BYTES = 16 * CHUNKS * THREADS;

  __device__ static void copy(char* slot, const Side& side, int chunk, int row, int r, int block_tokens, bool valid) {
    int size = SIZE ? SIZE : side.size;
    int row_bytes = F16::row_bytes(size);
    const char* from = address(address(side.cache + 16 * r, chunk, F16::chunk_bytes(size, block_tokens)), row, row_bytes);
#pragma unroll
    for (int i = 0; i < CHUNKS; i++) {
      bool present = valid && (SIZE || 16 * (r + LANES * i) < row_bytes);
      copy_async<16>(slot + 16 * (i * THREADS + threadIdx.x), from + 16 * LANES * i, present ? 16 : 0);
    }
  }

  __device__ static void read(float (&x)[8], const char* slot, int chunk, int, int, int) {
    uint4 words = *(const uint4*)(slot + 16 * (chunk * THREADS + threadIdx.x));
    unpack(x[0], x[1], words.x);
    unpack(x[2], x[3], words.y);
    unpack(x[4], x[5], words.z);
    unpack(x[6], x[7], words.w);
  }

  __device__ static void unpack(float& a, float& b, uint32_t word) {
    float2 pair = __half22float2(*(const __half2*)&word);
    a = pair.x;
    b = pair.y;
  }
};

// q8_0: 8 codes, and the aligned word that holds their scale in its low or its high half.
template <int LANES, int CHUNKS, int SIZE>
struct PartsQ8_0 : Neighbours<LANES> {
  static constexpr int SCALES_AT = 8 * CHUNKS * THREADS;
  static constexpr int BYTES = 12 * CHUNKS * THREADS;

  __device__ static void copy(char* slot, const Side& side, int chunk, int row, int r, int block_tokens, bool valid) {
    int size = SIZE ? SIZE : side.size;
    int row_bytes = Q8_0::row_bytes(size);
    int chunk_bytes = Q8_0::chunk_bytes(size, block_tokens);
    const char* scales = side.cache + Q8_0::scales_offset(size, block_tokens);
    const char* codes = address(address(side.cache + 8 * r, chunk, chunk_bytes), row, row_bytes);
#pragma unroll
    for (int i = 0; i < CHUNKS; i++) {
      int at = 8 * (r + LANES * i);
      bool present = valid && (SIZE || at < row_bytes);
      copy_async<8>(slot + 8 * (i * THREADS + threadIdx.x), codes + 8 * LANES * i, present ? 8 : 0);
      char* scale_slot = slot + SCALES_AT + 4 * (i * THREADS + threadIdx.x);
      if (SIZE) {
        const char* word = address(address(scales + at / 64 * 4, chunk, chunk_bytes), row, 2 * Q8_0::row_scales(size));
        copy_async<4>(scale_slot, word, present ? 4 : 0);
      } else {
        // Behind a low half may lie what nobody has written yet, so that only the low half is read then.
        int scale = scale_index(size, row, at);
        const char* word = address(scales, chunk, chunk_bytes) + 2 * (scale & ~1);
        copy_async<4>(scale_slot, word, present ? 2 + 2 * (scale % 2) : 0);
      }
    }
  }

  __device__ static void read(float (&x)[8], const char* slot, int chunk, int size, int row, int r) {
    uint2 codes = *(const uint2*)(slot + 8 * (chunk * THREADS + threadIdx.x));
    uint32_t word = *(const uint32_t*)(slot + SCALES_AT + 4 * (chunk * THREADS + threadIdx.x));
    int scale = SIZE ? r / 4 : scale_index(size, row, 8 * (r + LANES * chunk));
    float factor = __half2float(__ushort_as_half((unsigned short)(scale % 2 ? word >> 16 : word)));
    unpack(&x[0], codes.x, factor);
    unpack(&x[4], codes.y, factor);
  }

  __device__ static int scale_index(int size, int row, int element) { return row * Q8_0::row_scales(size) + element / 32; }

  // A code plus 128 as the lowest byte of a float of 2^23 is the float 2^23 + 128 + code.
  __device__ static void unpack(float* x, uint32_t codes, float factor) {
    uint32_t biased = codes ^ 0x80808080u;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      x[i] = (__uint_as_float(__byte_perm(biased, 0x4B000000u, 0x7440 + i)) - 8388736.0f) * factor;
    }
  }
};

}  // namespace attention
