// Weights that are numbers, times float32 activations.
#pragma once

#include "gemv.cuh"

// F is a plain format. A unit is 16 bytes of a row; rows are padded with zeros to whole units.
template <class F, int T>
struct PlainEngine {
  static constexpr int TOKENS = T;
  static constexpr int UNIT = F::COLUMNS;
  static constexpr int CHUNK = 8192 / T;
  static constexpr int QUARTERS = UNIT / 4;
  static constexpr int UNITS = CHUNK / UNIT;

  struct Shared {
    // Column 4q + i of each unit is component i of [q], so that neighbouring lanes read neighbouring 16 bytes. The padding keeps the
    // two halves of a unit in different banks.
    float4 x[T][QUARTERS][UNITS + 4];
    float partial[T][GEMV_WARPS];
  };

  static __device__ __forceinline__ int units(int columns) { return static_cast<unsigned>(columns + UNIT - 1) / UNIT; }

  static __device__ __forceinline__ void stage(const Gemv& a, Shared& shared, int first) {
    const unsigned columns = units(min(CHUNK, a.columns - first)) * UNIT;
#pragma unroll 1
    for (int t = 0; t < T; t++) {
      const float* x = a.token(t);
      const float inverse = a.norm != nullptr ? inverse_rms(shared.partial[t], a) : 0;
#pragma unroll 2
      for (unsigned column = threadIdx.x; column < columns; column += blockDim.x) {
        float* quarter = reinterpret_cast<float*>(&shared.x[t][column % UNIT / 4][column / UNIT]);
        quarter[column % 4] = value(a, x, inverse, first + static_cast<int>(column));
      }
    }
  }

  // An activation as it is multiplied; 0 beyond the row's end.
  static __device__ __forceinline__ float value(const Gemv& a, const float* x, float inverse, int column) {
    if (column >= a.columns) {
      return 0;
    }
    return a.norm != nullptr ? __ldg(x + column) * inverse * __ldg(a.norm + column) : __ldg(x + column);
  }

  template <int ROWS>
  struct Stream {
    static constexpr int AHEAD = 4 / ROWS;
    static constexpr int TURN = 32 * AHEAD;
    uint4 stored[AHEAD][ROWS];
    // From this lane's unit on.
    const unsigned char* row[ROWS];

    __device__ __forceinline__ void open(const Gemv& a, int first) {
      const int lane = threadIdx.x % 32;
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        row[r] = row_of(a.weights, min(first + r, a.rows - 1)).plane[0] + 16 * lane;
      }
#pragma unroll
      for (int u = 0; u < AHEAD; u++) {
        if (lane + 32 * u < units(a.columns)) {
          load(u, 32 * u);
        }
      }
    }

    __device__ __forceinline__ void load(int u, int unit) {
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        stored[u][r] = stream16(row[r] + 16 * unit);
      }
    }

    __device__ __forceinline__ void add(const Gemv& a, const Shared& shared, int column, float (&sums)[ROWS * T]) {
      const int lane = threadIdx.x % 32;
      // Counted from this lane's first unit, as in QuantEngine.
      const int left = units(a.columns - column) - lane;
      const int end = min(UNITS - lane, left);
      const int loads = left - TURN;
#pragma unroll 1
      for (int start = 0; start < end; start += TURN) {
#pragma unroll
        for (int u = 0; u < AHEAD; u++) {
          int unit = start + 32 * u;
          if (unit < end) {
            multiply(shared, lane + unit, stored[u], sums);
            if (unit < loads) {
              load(u, TURN + 32 * u);
            }
          }
        }
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
          row[r] += 16 * TURN;
        }
      }
    }

    static __device__ __forceinline__ void multiply(const Shared& shared, int unit, const uint4 (&stored)[ROWS], float (&sums)[ROWS * T]) {
      float weights[ROWS][UNIT];
#pragma unroll
      for (int i = 0; i < ROWS * UNIT; i++) {
        weights[i / UNIT][i % UNIT] = F::value(stored[i / UNIT], i % UNIT);
      }
#pragma unroll
      for (int t = 0; t < T; t++) {
#pragma unroll
        for (int q = 0; q < QUARTERS; q++) {
          float4 x = shared.x[t][q][unit];
#pragma unroll
          for (int r = 0; r < ROWS; r++) {
            const float* w = &weights[r][4 * q];
            float& sum = sums[Sums<ROWS, T>::index(r, t)];
            sum = fmaf(w[3], x.w, fmaf(w[2], x.z, fmaf(w[1], x.y, fmaf(w[0], x.x, sum))));
          }
        }
      }
    }
  };
};

#define GEMV_PLAIN(FORMAT, NAME)                                                                                                                   \
  using Engine1 = PlainEngine<FORMAT, 1>;                                                                                                          \
  using Engine2 = PlainEngine<FORMAT, 2>;                                                                                                          \
  using Engine4 = PlainEngine<FORMAT, 4>;                                                                                                          \
  using Engine8 = PlainEngine<FORMAT, 8>;                                                                                                          \
  GEMV_KERNEL(Engine1, NAME, 1)                                                                                                                    \
  GEMV_KERNEL(Engine2, NAME, 2)                                                                                                                    \
  GEMV_KERNEL(Engine4, NAME, 4)                                                                                                                    \
  GEMV_KERNEL(Engine8, NAME, 8)
