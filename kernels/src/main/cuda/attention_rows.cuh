// The 16 tokens of a warp in prefill: their queries, and what they have gathered of the values they see.
#pragma once
#include <climits>

#include "async_copy.cuh"
#include "attention_fragments.cuh"
#include "attention_tile.cuh"
#include "tensor_cores.cuh"

namespace attention {

// What a lane does for its two rows of the warp's 16, which are 8 apart. If SCALED, keys and values come as codes, with
// float scales for 32 of them.
template <int SIZE, int TOKENS, bool SCALED>
class QueryRows {
  using T = Tile<SIZE, TOKENS>;
  static constexpr int STEPS = SIZE / 16;    // of 16 elements
  static constexpr int BANDS = TOKENS / 16;  // of 16 tokens
  // Weights are so many powers of two too large, which keeps small ones out of f16's subnormal numbers. Scales of values multiply them before they become
  // f16, so that there is less room then.
  static constexpr float WEIGHT_SHIFT = SCALED ? 6 : 12;

  public:
  // position: of the lane's first row. The warp's first row is l / 4 before.
  __device__ QueryRows(int position, int window, float sink) : position_(position), window_(window > 0 ? window : INT_MAX) {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      maximum_[r] = sink;
      // The sink counts once, in one of a row's four lanes.
      denominator_[r] = sink > -INFINITY && threadIdx.x % 4 == 0 ? exp2_approx(WEIGHT_SHIFT) : 0.0f;
    }
#pragma unroll
    for (int n = 0; n < SIZE / 8; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        sums_[n][i] = 0;
      }
    }
  }

  // Reads both rows of queries, or zeros where there is none, scaled by powers of two so that f16 can hold them. Their products times `factor` are what
  // attend wants.
  __device__ void read(const float* row0, const float* row1, bool present0, bool present1, float factor) {
    float x[STEPS][2][4];
    factor_[0] = factor * read_row(x, 0, row0, present0);
    factor_[1] = factor * read_row(x, 1, row1, present1);
#pragma unroll
    for (int s = 0; s < STEPS; s++) {
#pragma unroll
      for (int r = 0; r < 2; r++) {
        queries_[s].set(r, SplitPair::of(x[s][r][0], x[s][r][1]));
        queries_[s].set(r + 2, SplitPair::of(x[s][r][2], x[s][r][3]));
      }
    }
  }

  // Whether any of the warp's rows sees any token of the tile that starts at this position.
  __device__ bool see_any(int position) const {
    int behind = position - position_ + (int)threadIdx.x % 32 / 4;
    return behind < 16 && behind + TOKENS > 1 - window_;
  }

  // Attends to the tokens of a tile.
  template <class Side>
  __device__ void attend(const Side& keys, const Side& values, int position, const Logit& logit) {
    float scores[2 * BANDS][4];
    multiply_keys(scores, keys.tile(), keys.scales());
    to_logits(scores, logit);
    if (!see_all(position)) {
      mask(scores, position + (int)threadIdx.x % 4 * 2);
    }
    weigh(scores);
    multiply_values(scores, values.tile(), values.scales());
  }

  // Divides the sums by their denominators.
  __device__ void finish() {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float denominator = quad_sum(denominator_[r]);
      float inverse = denominator > 0 ? 1 / denominator : 0.0f;
#pragma unroll
      for (int n = 0; n < SIZE / 8; n++) {
        sums_[n][2 * r] *= inverse;
        sums_[n][2 * r + 1] *= inverse;
      }
    }
  }

  // Element 8 n + 2 (l % 4) + i of a row.
  __device__ float result(int r, int n, int i) const { return sums_[n][2 * r + i]; }

  private:
  int position_;
  int window_;
  float maximum_[2];
  float denominator_[2];
  float factor_[2];
  SplitMatrix queries_[STEPS];
  float sums_[SIZE / 8][4];

  __device__ static float quad_sum(float x) {
    x += __shfl_xor_sync(0xFFFFFFFFu, x, 1);
    return x + __shfl_xor_sync(0xFFFFFFFFu, x, 2);
  }

  __device__ static float quad_max(float x) {
    x = fmaxf(x, __shfl_xor_sync(0xFFFFFFFFu, x, 1));
    return fmaxf(x, __shfl_xor_sync(0xFFFFFFFFu, x, 2));
  }

  // Returns the factor that undoes the scaling.
  __device__ static float read_row(float (&x)[STEPS][2][4], int r, const float* row, bool present) {
    float largest = 0;
    const float* from = row + threadIdx.x % 4 * 2;
#pragma unroll
    for (int s = 0; s < STEPS; s++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        x[s][r][i] = present ? from[16 * s + i / 2 * 8 + i % 2] : 0.0f;
        largest = fmaxf(largest, fabsf(x[s][r][i]));
      }
    }
    // Powers of two that bring the largest to 2^14 .. 2^15, and back.
    int exponent = min(126, 14 + 127 - (int)(__float_as_uint(quad_max(largest)) >> 23));
    float scale = __uint_as_float((uint32_t)(127 + exponent) << 23);
#pragma unroll
    for (int s = 0; s < STEPS; s++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        x[s][r][i] *= scale;
      }
    }
    return __uint_as_float((uint32_t)(127 - exponent) << 23);
  }

  __device__ void multiply_keys(float (&scores)[2 * BANDS][4], const char* keys, const float* key_scales) const {
#pragma unroll
    for (int n = 0; n < 2 * BANDS; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        scores[n][i] = 0;
      }
    }
#pragma unroll
    for (int group = 0; group < SIZE / 32; group++) {
#pragma unroll
      for (int band = 0; band < BANDS; band++) {
        if constexpr (SCALED) {
          float dots[2][4] = {};
          multiply_group(dots[0], dots[1], keys, band, group);
          add_scaled(scores[2 * band], dots[0], key_scales + group * TOKENS + 16 * band);
          add_scaled(scores[2 * band + 1], dots[1], key_scales + group * TOKENS + 16 * band + 8);
        } else {
          multiply_group(scores[2 * band], scores[2 * band + 1], keys, band, group);
        }
      }
    }
  }

  // Adds the products of 32 elements with those of 16 tokens.
  __device__ void multiply_group(float (&first)[4], float (&second)[4], const char* keys, int band, int group) const {
    int lane = threadIdx.x % 32;
#pragma unroll
    for (int s = 2 * group; s < 2 * group + 2; s++) {
      uint32_t b[4];
      // Matrices: pieces 2 s and 2 s + 1 of 8 tokens, then of the next 8.
      tensor::load_matrices(b, shared_address(keys + T::offset(16 * band + lane / 16 * 8 + lane % 8, 2 * s ^ lane / 8 % 2)));
      multiply(first, queries_[s], b[0], b[1]);
      multiply(second, queries_[s], b[2], b[3]);
    }
  }

  __device__ static void add_scaled(float (&scores)[4], const float (&dots)[4], const float* scales) {
    float2 scale = *(const float2*)(scales + threadIdx.x % 4 * 2);
    scores[0] = fmaf(dots[0], scale.x, scores[0]);
    scores[1] = fmaf(dots[1], scale.y, scores[1]);
    scores[2] = fmaf(dots[2], scale.x, scores[2]);
    scores[3] = fmaf(dots[3], scale.y, scores[3]);
  }

  __device__ void to_logits(float (&scores)[2 * BANDS][4], const Logit& logit) const {
#pragma unroll
    for (int n = 0; n < 2 * BANDS; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        scores[n][i] *= factor_[i / 2];
      }
    }
    if (logit.capped()) {
#pragma unroll
      for (int n = 0; n < 2 * BANDS; n++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          scores[n][i] = logit.cap(scores[n][i]);
        }
      }
    }
  }

  // Whether all of the warp's rows see all tokens of a tile.
  __device__ bool see_all(int position) const {
    int behind = position - position_ + (int)threadIdx.x % 32 / 4;
    return behind + TOKENS <= 1 && behind >= 16 - window_;
  }

  // position: of the lane's first score.
  __device__ void mask(float (&scores)[2 * BANDS][4], int position) const {
#pragma unroll
    for (int n = 0; n < 2 * BANDS; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        int behind = position + 8 * n + i % 2 - position_ - i / 2 * 8;
        if (behind > 0 || behind <= -window_) {
          scores[n][i] = -INFINITY;
        }
      }
    }
  }

  // Turns scores into weights relative to the maximum so far; sums and denominator follow it when it grows.
  __device__ void weigh(float (&scores)[2 * BANDS][4]) {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float highest = maximum_[r];
#pragma unroll
      for (int n = 0; n < 2 * BANDS; n++) {
        highest = fmaxf(highest, fmaxf(scores[n][2 * r], scores[n][2 * r + 1]));
      }
      highest = quad_max(highest);
      // A row that has seen nothing yet has no maximum; any number other than infinity gives it weights of zero.
      float reference = highest == -INFINITY ? 0.0f : highest;
      float factor = exp2_approx(maximum_[r] - reference);
      maximum_[r] = highest;
      float sum = 0;
#pragma unroll
      for (int n = 0; n < 2 * BANDS; n++) {
#pragma unroll
        for (int i = 2 * r; i < 2 * r + 2; i++) {
          scores[n][i] = exp2_approx(scores[n][i] - reference + WEIGHT_SHIFT);
          sum += scores[n][i];
        }
      }
      denominator_[r] = denominator_[r] * factor + sum;
#pragma unroll
      for (int n = 0; n < SIZE / 8; n++) {
        sums_[n][2 * r] *= factor;
        sums_[n][2 * r + 1] *= factor;
      }
    }
  }

  __device__ void multiply_values(const float (&weights)[2 * BANDS][4], const char* values, const float* value_scales) {
#pragma unroll
    for (int band = 0; band < BANDS; band++) {
      SplitMatrix a;
      if constexpr (!SCALED) {
        set_weights(a, weights[2 * band], weights[2 * band + 1], {1, 1}, {1, 1});
      }
#pragma unroll
      for (int group = 0; group < SIZE / 32; group++) {
        if constexpr (SCALED) {
          const float* scales = value_scales + group * TOKENS + 16 * band + threadIdx.x % 4 * 2;
          set_weights(a, weights[2 * band], weights[2 * band + 1], *(const float2*)scales, *(const float2*)(scales + 8));
        }
        add_values(a, values, band, group);
      }
    }
  }

  // The weights of 16 tokens, times a scale for each.
  __device__ static void set_weights(SplitMatrix& a, const float (&first)[4], const float (&second)[4], float2 s, float2 t) {
    a.set(0, SplitPair::of(first[0] * s.x, first[1] * s.y));
    a.set(1, SplitPair::of(first[2] * s.x, first[3] * s.y));
    a.set(2, SplitPair::of(second[0] * t.x, second[1] * t.y));
    a.set(3, SplitPair::of(second[2] * t.x, second[3] * t.y));
  }

  // Adds 32 elements of 16 tokens' values.
  __device__ void add_values(const SplitMatrix& a, const char* values, int band, int group) {
    int lane = threadIdx.x % 32;
#pragma unroll
    for (int n = 2 * group; n < 2 * group + 2; n++) {
      uint32_t b[4];
      // Matrices: 8 tokens of piece 2 n, the next 8 tokens, then the same of piece 2 n + 1.
      tensor::load_transposed(b, shared_address(values + T::offset(16 * band + lane % 16, 2 * n ^ lane / 16)));
      multiply(sums_[2 * n], a, b[0], b[1]);
      multiply(sums_[2 * n + 1], a, b[2], b[3]);
    }
  }
};

}  // namespace attention
