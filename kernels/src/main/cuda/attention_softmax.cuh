// A warp's share of decoding: dot products, weights and weighted sums of the rows it has copied.
#pragma once
#include "attention_loader.cuh"

namespace attention {

// Adds N values over the lanes whose numbers differ in `bit`, each lane keeping one half of the sums.
template <int N>
__device__ inline void fold(float* v, int bit) {
  bool upper = threadIdx.x & bit;
#pragma unroll
  for (int i = 0; i < N / 2; i++) {
    float send = upper ? v[i] : v[i + N / 2];
    float keep = upper ? v[i + N / 2] : v[i];
    v[i] = keep + __shfl_xor_sync(ALL_LANES, send, bit);
  }
}

// Folds N values over lanes in bits BIT, BIT / 2, ... until one is left.
template <int N, int BIT>
__device__ inline void fold_all(float* v) {
  if constexpr (N > 1) {
    fold<N>(v, BIT);
    fold_all<N / 2, BIT / 2>(v);
  }
}

// One warp's online softmax for HEADS heads. After a step's dot products are folded, lane r of LANES owns scores of head r / SHARE only, and that head's
// maximum and denominator; sums are kept for all heads, over the lane's elements.
template <class Shape, int HEADS>
class Warp {
  using Parts = typename Shape::Parts;
  static constexpr int LANES = Shape::LANES;
  static constexpr int CHUNKS = Shape::CHUNKS;
  static constexpr int LOADS = Shape::LOADS;
  static constexpr int SHARE = LANES / HEADS;                       // lanes per head
  static constexpr int OWNED = LOADS > SHARE ? LOADS / SHARE : 1;   // scores a lane owns
  static constexpr int COPIES = SHARE > LOADS ? SHARE / LOADS : 1;  // lanes that own the same scores
  static constexpr bool Q_IN_REGISTERS = CHUNKS == 1;

  public:
  float sums[HEADS][CHUNKS * 8];
  float maximum = -INFINITY;
  float denominator = 0;

  __device__ Warp(const DecodeTask& task, char* ring, const float* q, Range range)
      : task_(task), ring_(ring), q_(q), range_(range), cursor_(range.first + warp_row<Shape>(), Shape::ROWS, task.block_tokens) {
#pragma unroll
    for (int h = 0; h < HEADS; h++) {
#pragma unroll
      for (int i = 0; i < CHUNKS * 8; i++) {
        sums[h][i] = 0;
      }
    }
  }

  // Attends to the rows of a step.
  __device__ void attend(int step, int stage, const float (&q)[HEADS][8]) {
    int rows[LOADS];
#pragma unroll
    for (int load = 0; load < LOADS; load++) {
      rows[load] = cursor_.row;
      cursor_.advance();
    }
    float scores[LOADS];
#pragma unroll
    for (int load = 0; load < LOADS; load++) {
      scores[load] = dots(stage, load, rows[load], q);
    }
    finish(scores);
    weigh(scores, range_.first + step * Shape::STEP);
#pragma unroll
    for (int load = 0; load < LOADS; load++) {
      add_values(stage, load, rows[load], scores);
    }
  }

  // This lane's part of the queries, for attend.
  __device__ void read_queries(float (&q)[HEADS][8]) const {
#pragma unroll
    for (int h = 0; h < HEADS; h++) {
      if constexpr (Q_IN_REGISTERS) {
        read_query(q[h], h, 0);
      }
    }
  }

  // Adds up what the warp's lanes have: sums over the rows, denominators over the lanes of a head.
  __device__ void reduce() {
#pragma unroll
    for (int bit = LANES; bit < 32; bit *= 2) {
#pragma unroll
      for (int h = 0; h < HEADS; h++) {
#pragma unroll
        for (int i = 0; i < CHUNKS * 8; i++) {
          sums[h][i] += __shfl_xor_sync(ALL_LANES, sums[h][i], bit);
        }
      }
      denominator += __shfl_xor_sync(ALL_LANES, denominator, bit);
    }
#pragma unroll
    for (int bit = COPIES; bit < SHARE; bit *= 2) {
      denominator += __shfl_xor_sync(ALL_LANES, denominator, bit);
    }
  }

  // The head whose maximum and denominator this lane has, if it is the one to tell them; else -1.
  __device__ int told_head() const { return warp_row<Shape>() == 0 && lane<Shape>() % SHARE == 0 ? lane<Shape>() / SHARE : -1; }

  private:
  const DecodeTask& task_;
  char* ring_;
  const float* q_;
  Range range_;
  Cursor cursor_;

  __device__ void read_query(float (&x)[8], int head, int chunk) const {
    const float* from = q_ + head * Shape::HEAD_FLOATS + chunk * Shape::Stage::CHUNK + 4 * lane<Shape>();
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float4 v = *(const float4*)(from + half * Shape::Stage::HALF);
      x[4 * half] = v.x;
      x[4 * half + 1] = v.y;
      x[4 * half + 2] = v.z;
      x[4 * half + 3] = v.w;
    }
  }

  // Dot products of all heads with one row, folded over the heads: what is left belongs to the lane's own head.
  __device__ float dots(int stage, int load, int row, const float (&q)[HEADS][8]) const {
    float dot[HEADS];
#pragma unroll
    for (int h = 0; h < HEADS; h++) {
      dot[h] = 0;
    }
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      float key[8];
      Parts::read(key, Shape::slot(ring_, stage, load), chunk, task_.keys.size, row, lane<Shape>());
#pragma unroll
      for (int h = 0; h < HEADS; h++) {
        float other[8];
        if constexpr (!Q_IN_REGISTERS) {
          read_query(other, h, chunk);
        }
#pragma unroll
        for (int i = 0; i < 8; i++) {
          dot[h] = fmaf(Q_IN_REGISTERS ? q[h][i] : other[i], key[i], dot[h]);
        }
      }
    }
    fold_all<HEADS, LANES / 2>(dot);
    return dot[0];
  }

  // Adds the scores over the remaining lanes; the lane's own are the first OWNED.
  __device__ static void finish(float (&scores)[LOADS]) {
    if constexpr (OWNED == 1) {
      fold_all<LOADS, SHARE / 2>(scores);
#pragma unroll
      for (int bit = 1; bit < COPIES; bit *= 2) {
        scores[0] += __shfl_xor_sync(ALL_LANES, scores[0], bit);
      }
    } else if constexpr (SHARE > 1) {
      fold_some<LOADS, SHARE / 2>(scores);
    }
  }

  template <int N, int BIT>
  __device__ static void fold_some(float* v) {
    fold<N>(v, BIT);
    if constexpr (BIT > 1) {
      fold_some<N / 2, BIT / 2>(v);
    }
  }

  // Turns owned scores into weights relative to the maximum so far; sums and denominator follow it when it grows.
  __device__ void weigh(float (&scores)[LOADS], int token) {
    int first = token + warp_row<Shape>() + lane<Shape>() % SHARE / COPIES * OWNED * Shape::ROWS;
    float highest = maximum;
#pragma unroll
    for (int i = 0; i < OWNED; i++) {
      scores[i] = first + i * Shape::ROWS < range_.end ? task_.logit(scores[i]) : -INFINITY;
      highest = fmaxf(highest, scores[i]);
    }
#pragma unroll
    for (int bit = COPIES; bit < 32; bit *= 2) {
      if (bit < SHARE || bit >= LANES) {
        highest = fmaxf(highest, __shfl_xor_sync(ALL_LANES, highest, bit));
      }
    }
    if (__any_sync(ALL_LANES, highest > maximum)) {
      rescale(exp2_approx(maximum - highest));
      maximum = highest;
    }
#pragma unroll
    for (int i = 0; i < OWNED; i++) {
      scores[i] = exp2_approx(scores[i] - maximum);
      denominator += scores[i];
    }
  }

  __device__ void rescale(float factor) {
    denominator *= factor;
#pragma unroll
    for (int h = 0; h < HEADS; h++) {
      float own = __shfl_sync(ALL_LANES, factor, h * SHARE, LANES);
#pragma unroll
      for (int i = 0; i < CHUNKS * 8; i++) {
        sums[h][i] *= own;
      }
    }
  }

  __device__ void add_values(int stage, int load, int row, const float (&weights)[LOADS]) {
    float weight[HEADS];
#pragma unroll
    for (int h = 0; h < HEADS; h++) {
      weight[h] = __shfl_sync(ALL_LANES, weights[load % OWNED], h * SHARE + load / OWNED * COPIES, LANES);
    }
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      float value[8];
      Parts::read(value, Shape::slot(ring_, stage, load) + Parts::BYTES, chunk, task_.values.size, row, lane<Shape>());
#pragma unroll
      for (int h = 0; h < HEADS; h++) {
#pragma unroll
        for (int i = 0; i < 8; i++) {
          sums[h][8 * chunk + i] = fmaf(weight[h], value[i], sums[h][8 * chunk + i]);
        }
      }
    }
  }
};

}  // namespace attention
