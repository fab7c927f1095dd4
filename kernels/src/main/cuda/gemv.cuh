// What all GEMV kernels share: the walk over rows and columns, the norm's sums and what happens to a finished sum.
//
// A warp computes a few rows at a time. Lane l of it takes the units (16 bytes or 32 columns) l, l + 32, ... of each row, in order; the lanes' sums are
// added by a fixed tree. So a result depends on its row and its token alone: not on the grid, nor on how many tokens or rows are computed together.
#pragma once

#include "activation.cuh"
#include "formats.cuh"
#include "reduce.cuh"

// Blocks have any number of whole warps up to this.
constexpr int GEMV_WARPS = 16;
constexpr int GEMV_THREADS = 32 * GEMV_WARPS;

struct Gemv {
  Matrix weights;
  const float* x;
  int x_stride;
  const float* norm;
  float epsilon;
  const float* bias;
  int activation;
  // May be y itself, so neither is __restrict__.
  const float* residual;
  int residual_stride;
  float* y;
  int y_stride;
  int rows;
  int columns;
  int tokens;

  // Kernels compute their full number of tokens; those that are not there repeat the last.
  __device__ __forceinline__ const float* token(int t) const {
    return x + static_cast<long long>(min(t, tokens - 1)) * x_stride;
  }
};

__device__ __forceinline__ bool aligned16(const float* p) { return (reinterpret_cast<unsigned long long>(p) & 15) == 0; }

// Writes parts of each token's sum of squares, cut alike for every size of the block; readers wait for the barrier that comes before staging.
template <int TOKENS>
__device__ __forceinline__ void sum_squares(const Gemv& a, float (&partial)[TOKENS][GEMV_WARPS]) {
#pragma unroll 1
  for (int t = 0; t < TOKENS; t++) {
    const float* x = a.token(t);
#pragma unroll 1
    for (int part = threadIdx.x; part < GEMV_THREADS; part += blockDim.x) {
      float sum = 0;
#pragma unroll 4
      for (int column = part; column < a.columns; column += GEMV_THREADS) {
        float v = x[column];
        sum = fmaf(v, v, sum);
      }
      sum = warp_sum(sum);
      if (part % 32 == 0) {
        partial[t][part / 32] = sum;
      }
    }
  }
}

__device__ __forceinline__ float inverse_rms(const float (&partial)[GEMV_WARPS], const Gemv& a) {
  float sum = 0;
#pragma unroll
  for (int w = 0; w < GEMV_WARPS; w++) {
    sum += partial[w];
  }
  return 1.0f / sqrtf(sum / static_cast<float>(a.columns) + a.epsilon);
}

// Adds each of N values over the lanes of a warp. Lane l gets value i where the bits of l, the lowest first, are those of i, the highest first.
template <int N, int DISTANCE = 1>
__device__ __forceinline__ float sum_lanes(float* v) {
  if constexpr (DISTANCE == 32) {
    return v[0];
  } else if constexpr (N == 1) {
    v[0] += __shfl_xor_sync(0xffffffffu, v[0], DISTANCE);
    return sum_lanes<1, 2 * DISTANCE>(v);
  } else {
    bool upper = threadIdx.x & DISTANCE;
#pragma unroll
    for (int i = 0; i < N / 2; i++) {
      float mine = upper ? v[i + N / 2] : v[i];
      float other = upper ? v[i] : v[i + N / 2];
      v[i] = mine + __shfl_xor_sync(0xffffffffu, other, DISTANCE);
    }
    return sum_lanes<N / 2, 2 * DISTANCE>(v);
  }
}

// The sums of a warp's rows: odd rows are the upper half, so that lanes 2i and 2i + 1 end up with a pair of rows.
template <int ROWS, int TOKENS>
struct Sums {
  static constexpr int COUNT = ROWS * TOKENS;

  static __device__ __forceinline__ constexpr int index(int row, int token) {
    return ROWS == 1 ? token : (row & 1) * (COUNT / 2) + (row >> 1) * TOKENS + token;
  }

  // Adds the lanes' sums up and writes y for rows first .. first + ROWS - 1.
  static __device__ __forceinline__ void finish(const Gemv& a, int first, float (&sums)[COUNT]) {
    // Without this the compiler would keep the sums as integers, for the shuffles' sake, and convert them at each addition.
#pragma unroll
    for (int i = 0; i < COUNT; i++) {
      asm("" : "+f"(sums[i]));
    }
    float sum = sum_lanes<COUNT>(sums);
    int lane = threadIdx.x % 32;
    if (lane < COUNT) {
      int place = 0;
#pragma unroll
      for (int bit = 1; bit < COUNT; bit *= 2) {
        place = 2 * place + (lane & bit ? 1 : 0);
      }
      int rest = ROWS == 1 ? place : place % (COUNT / 2);
      int row = first + (ROWS == 1 ? 0 : 2 * (rest / TOKENS) + place / (COUNT / 2));
      write(a, row, rest % TOKENS, sum);
    }
  }

  // The first COUNT lanes of a warp have a row and token each.
  static __device__ __forceinline__ void write(const Gemv& a, int row, int token, float sum) {
    bool mine = row < a.rows && token < a.tokens;
    if (mine && a.bias != nullptr) {
      sum += a.bias[row];
    }
    if (a.activation >= 0) {
      float up = __shfl_xor_sync((1u << COUNT) - 1, sum, 1);
      mine = mine && row % 2 == 0;
      row /= 2;
      sum = mine ? activate(a.activation, sum) * up : 0;
    }
    if (mine) {
      if (a.residual != nullptr) {
        // Never fused with the product before it, so that all variants round alike.
        sum = __fadd_rn(sum, a.residual[static_cast<long long>(token) * a.residual_stride + row]);
      }
      a.y[static_cast<long long>(token) * a.y_stride + row] = sum;
    }
  }
};

// Computes all rows, ROWS at a time in a warp. An Engine has
//   TOKENS, UNIT and CHUNK   columns of a unit, and those that shared memory holds
//   Shared                   what lies there
//   stage(a, shared, first)  puts activations from column `first` on there; all threads are needed
//   Stream<ROWS>             reads rows' weights ahead of use: open() starts with some rows, add() takes all units of a chunk
template <class Engine, int ROWS>
__device__ __forceinline__ void compute_rows(const Gemv& a, typename Engine::Shared& shared) {
  using Results = Sums<ROWS, Engine::TOKENS>;
  const int tiles = (a.rows + ROWS - 1) / ROWS;
  // Neighbouring tiles go to different blocks, so that all of them have the same to do.
  const int stride = gridDim.x * (blockDim.x / 32);
  const int ahead = gridDim.x * (threadIdx.x / 32);
  int first = blockIdx.x;
  if (first >= tiles) {
    return;
  }
  typename Engine::template Stream<ROWS> stream;
  // The weights travel while the activations are made ready.
  if (first + ahead < tiles) {
    stream.open(a, (first + ahead) * ROWS);
  }
  if (a.norm != nullptr) {
    sum_squares(a, shared.partial);
  }
  bool staged = false;
#pragma unroll 1
  for (; first < tiles; first += stride) {
    const int tile = first + ahead;
    float sums[Results::COUNT];
#pragma unroll
    for (int i = 0; i < Results::COUNT; i++) {
      sums[i] = 0;
    }
#pragma unroll 1
    for (int column = 0; column < a.columns; column += Engine::CHUNK) {
      if (!staged) {
        __syncthreads();
        Engine::stage(a, shared, column);
        __syncthreads();
        staged = a.columns <= Engine::CHUNK;
      }
      if (tile < tiles) {
        stream.add(a, shared, column, sums);
      }
    }
    if (tile < tiles) {
      Results::finish(a, tile * ROWS, sums);
      if (tile + stride < tiles) {
        stream.open(a, (tile + stride) * ROWS);
      }
    }
  }
}

// Few rows are computed by more warps, one at a time, unless pairs have to stay together or there is more than one token.
template <class Engine>
__device__ __forceinline__ void gemv(const Gemv& a) {
  __shared__ typename Engine::Shared shared;
  if (Engine::TOKENS == 1 && a.activation < 0 && a.rows <= static_cast<int>(gridDim.x * (blockDim.x / 32))) {
    compute_rows<Engine, 1>(a, shared);
  } else {
    compute_rows<Engine, 2>(a, shared);
  }
}

#define GEMV_KERNEL(ENGINE, NAME, TOKENS)                                                                                                          \
  extern "C" __global__ void __launch_bounds__(GEMV_THREADS, 1)                                                                          \
      NAME##_##TOKENS(Matrix weights, const float* x, int x_stride, const float* norm, float epsilon, const float* bias, int activation,           \
                      const float* residual, int residual_stride, float* y, int y_stride, int rows, int columns, int tokens) {                     \
    gemv<ENGINE>({weights, x, x_stride, norm, epsilon, bias, activation, residual, residual_stride, y, y_stride, rows, columns, tokens});          \
  }
