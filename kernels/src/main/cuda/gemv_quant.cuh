// Quantized weights times activations of 16 bits.
#pragma once

#include "gemv.cuh"
#include "quantize.cuh"

// Half a group of Q8_0, so that a warp's load covers whole sectors.
struct Q8_0Half {
  static constexpr int HALVES = 1;
  static constexpr int OFFSET = 0;
  static constexpr bool MINIMUM = false;
  uint4 quarters;
  unsigned short d;

  static __device__ __forceinline__ constexpr int bytes(int p) { return p == 0 ? 128 : p == 1 ? 8 : 0; }
  template <int UNIT = 0>
  static __device__ __forceinline__ Q8_0Half load(const Row& row) {
    return {stream16<16 * UNIT>(row.plane[0]), stream2<UNIT>(row.plane[1])};
  }
  __device__ __forceinline__ void codes(int j, unsigned& low, unsigned& high) const {
    low = word(quarters, 2 * j);
    high = word(quarters, 2 * j + 1);
  }
  __device__ __forceinline__ float scale(int) const { return half(d); }
  __device__ __forceinline__ float minimum(int) const { return 0; }
};

template <>
__device__ __forceinline__ constexpr int offset<Q8_0Half>(int plane, int unit) {
  return plane == 0 ? 16 * unit : plane == 1 ? 2 * (unit >> 1) : 0;
}

// F is a format of groups; UNIT is 32 columns, or 16 where F holds half a group.
template <class F, int UNIT_COLUMNS, int T>
struct QuantEngine {
  static constexpr int TOKENS = T;
  static constexpr int UNIT = UNIT_COLUMNS;
  static constexpr int CHUNK = T <= 2 ? 8192 : 16384 / T;
  static constexpr int GROUPS = CHUNK / 32;
  static constexpr bool SUMS = F::MINIMUM || F::OFFSET != 0;
  static constexpr int PARTS = F::HALVES;

  struct Shared {
    Codes<GROUPS> codes[T];
    float scale[T][GROUPS];
    // Of the weights' HALVES: scale * sum for a minimum, -OFFSET * sum to start an integer sum with.
    int sums[SUMS ? T : 1][PARTS][SUMS ? GROUPS : 1];
    float partial[T][GEMV_WARPS];
  };

  static __device__ __forceinline__ void stage(const Gemv& a, Shared& shared, int first) {
    int columns = min(CHUNK, a.columns - first);
#pragma unroll 1
    for (int t = 0; t < T; t++) {
      float factor = a.norm != nullptr ? inverse_rms(shared.partial[t], a) : 1;
      stage_token(a.token(t) + first, a.norm == nullptr ? nullptr : a.norm + first, factor, shared, t, columns / 32);
    }
  }

  // Four threads round a group of columns, eight each. The norm's factor is the same for all columns, so it is left to the scale.
  static __device__ __forceinline__ void stage_token(const float* x, const float* norm, float factor, Shared& shared, int t, int groups) {
    const bool aligned = aligned16(x);
    const int quarter = threadIdx.x % 4;
#pragma unroll 1
    for (int start = threadIdx.x / 32 * 8; start < groups; start += blockDim.x / 4) {
      const int mine = start + threadIdx.x % 32 / 4;
      const int group = min(mine, groups - 1);
      const int column = 32 * group + 4 * quarter;
      Eight v = load8(x + column, aligned);
      if (norm != nullptr) {
        Eight w = load8(norm + column, true);
#pragma unroll
        for (int i = 0; i < 8; i++) {
          v.v[i] *= w.v[i];
        }
      }
      Rounded r = round16<PARTS>(v);
      r.scale *= factor;
      if (mine < groups) {
        shared.codes[t].put(group, quarter, r);
        if (quarter == 0) {
          shared.scale[t][group] = r.scale;
        }
        if (SUMS) {
          put_sum(shared, t, group, quarter, r);
        }
      }
    }
  }

  static __device__ __forceinline__ void put_sum(Shared& shared, int t, int group, int quarter, const Rounded& r) {
    if (quarter < PARTS) {
      shared.sums[t][quarter][group] = F::MINIMUM ? __float_as_int(r.scale * static_cast<float>(r.sum)) : -F::OFFSET * r.sum;
    }
  }

  // A unit's codes and scales in registers.
  struct Unit {
    static constexpr int WORDS = UNIT_COLUMNS / 4;
    unsigned codes[WORDS];
    float scale[PARTS];
    float minimum[PARTS];

    __device__ __forceinline__ void take(const F& stored) {
#pragma unroll
      for (int j = 0; j < WORDS / 2; j++) {
        stored.codes(j, codes[2 * j], codes[2 * j + 1]);
      }
#pragma unroll
      for (int h = 0; h < PARTS; h++) {
        scale[h] = stored.scale(h);
        minimum[h] = stored.minimum(h);
      }
      // What was stored is not needed any more, so that the next loads can take its registers.
#pragma unroll
      for (int i = 0; i < WORDS; i++) {
        asm volatile("" ::"r"(codes[i]));
      }
    }

    __device__ __forceinline__ float add(const Taken<WORDS>& x, float x_scale, const int (&sums)[PARTS], float to) const {
#pragma unroll
      for (int h = 0; h < PARTS; h++) {
        int high = 0;
        int low = F::MINIMUM ? 0 : sums[h];
#pragma unroll
        for (int i = h * WORDS / PARTS; i < (h + 1) * WORDS / PARTS; i++) {
          high = __dp4a(static_cast<int>(codes[i]), static_cast<int>(x.high[i]), high);
          low = __dp4a(static_cast<int>(codes[i]), static_cast<int>(x.low[i]), low);
        }
        to = fmaf(x_scale * scale[h], static_cast<float>(256 * high + low), to);
        if (F::MINIMUM) {
          to = fmaf(minimum[h], __int_as_float(sums[h]), to);
        }
      }
      return to;
    }
  };

  template <int ROWS>
  struct Stream {
    static_assert(ROWS <= 2);
    // Loads of this many units of each row are on their way.
    static constexpr int AHEAD = T == 8 ? 1 : 4 / ROWS;
    static constexpr int TURN = 32 * AHEAD;
    F stored[AHEAD][ROWS];
    // The first row from this lane's unit on, and whether there is no next row; it then stands for one.
    Row row;
    bool last;

    __device__ __forceinline__ void open(const Gemv& a, int first) {
      const int lane = threadIdx.x % 32;
      row = moved<F>(row_of(a.weights, first), lane);
      last = first + 1 >= a.rows;
      start<0>(a, static_cast<unsigned>(a.columns) / UNIT - lane);
    }

    // Loads units U, U + 1, ... of a turn, as far as this lane has any `left`.
    template <int U>
    __device__ __forceinline__ void start(const Gemv& a, int left) {
      if constexpr (U < AHEAD) {
        if (32 * U < left) {
          load<U, 32 * U>(a);
        }
        start<U + 1>(a, left);
      }
    }

    template <int U, int UNITS>
    __device__ __forceinline__ void load(const Gemv& a) {
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        Row from = row;
#pragma unroll
        for (int p = 0; p < 4; p++) {
          from.plane[p] += r == 0 || last ? 0 : a.weights.pitch[p];
        }
        stored[U][r] = F::template load<UNITS>(from);
      }
    }

    __device__ __forceinline__ void add(const Gemv& a, const Shared& shared, int column, float (&sums)[ROWS * T]) {
      const int lane = threadIdx.x % 32;
      // Counted from this lane's first unit: the chunk's end, and how far there is something to load a turn ahead.
      const int left = static_cast<int>(static_cast<unsigned>(a.columns - column) / UNIT) - lane;
      const int end = min(CHUNK / UNIT - lane, left);
      const int loads = left - TURN;
#pragma unroll 1
      for (int start = 0; start < end; start += TURN) {
        turn<0>(a, shared, lane, start, end, loads, sums);
        row = moved<F>(row, TURN);
      }
    }

    // Multiplies units U, U + 1, ... of a turn and starts the loads of the next turn.
    template <int U>
    __device__ __forceinline__ void turn(const Gemv& a, const Shared& shared, int lane, int start, int end, int loads, float (&sums)[ROWS * T]) {
      if constexpr (U < AHEAD) {
        const int unit = start + 32 * U;
        if (unit < end) {
          Unit weights[ROWS];
#pragma unroll
          for (int r = 0; r < ROWS; r++) {
            weights[r].take(stored[U][r]);
          }
          // Eight tokens keep registers and multipliers so busy that loads had better wait.
          if (T < 8 && unit < loads) {
            load<U, TURN + 32 * U>(a);
          }
          multiply(shared, lane + unit, weights, sums);
          if (T == 8 && unit < loads) {
            load<U, TURN + 32 * U>(a);
          }
        }
        turn<U + 1>(a, shared, lane, start, end, loads, sums);
      }
    }

    static __device__ __forceinline__ void multiply(const Shared& shared, int unit, const Unit (&weights)[ROWS], float (&sums)[ROWS * T]) {
      const int group = unit * UNIT / 32;
#pragma unroll
      for (int t = 0; t < T; t++) {
        Taken<Unit::WORDS> x;
        x.take(shared.codes[t], group, unit);
        const float scale = shared.scale[t][group];
        int parts[PARTS];
#pragma unroll
        for (int h = 0; h < PARTS; h++) {
          parts[h] = SUMS ? shared.sums[SUMS ? t : 0][h][SUMS ? group : 0] : 0;
        }
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
          float& sum = sums[Sums<ROWS, T>::index(r, t)];
          sum = weights[r].add(x, scale, parts, sum);
        }
      }
    }
  };
};

#define GEMV_QUANT(FORMAT, UNIT, NAME)                                                                                                             \
  using Engine1 = QuantEngine<FORMAT, UNIT, 1>;                                                                                                    \
  using Engine2 = QuantEngine<FORMAT, UNIT, 2>;                                                                                                    \
  using Engine4 = QuantEngine<FORMAT, UNIT, 4>;                                                                                                    \
  using Engine8 = QuantEngine<FORMAT, UNIT, 8>;                                                                                                    \
  GEMV_KERNEL(Engine1, NAME, 1)                                                                                                                    \
  GEMV_KERNEL(Engine2, NAME, 2)                                                                                                                    \
  GEMV_KERNEL(Engine4, NAME, 4)                                                                                                                    \
  GEMV_KERNEL(Engine8, NAME, 8)
