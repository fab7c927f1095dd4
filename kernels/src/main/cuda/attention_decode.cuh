// Attention of single tokens over a part of their context. Each of a block's four warps walks its own quarter of the part's tokens; a key or a value that a
// warp has read serves all query heads of the block. Only at the end do the warps meet, to merge their results.
#pragma once
#include "attention_merge.cuh"
#include "reduce.cuh"

namespace attention {

// The arguments of every decode kernel, as the catalog has them.
struct DecodeArguments {
  const float* q;
  int q_stride;
  const void* keys;
  const void* values;
  const int* block_tables;
  int table_stride;
  const int* sequences;
  const int* positions;
  float* partial;
  int heads;
  int kv_heads;
  int key_size;
  int value_size;
  int block_tokens;
  float scale;
  float softcap;
  int window;
};

// What split s of the grid's x splits sees.
__device__ inline Range splits_share(Range range) {
  int splits = gridDim.x;
  int each = (range.end - range.first + splits - 1) / splits;
  int64_t first = range.first + (int64_t)blockIdx.x * each;
  return {(int)min(first, (int64_t)range.end), (int)min(first + each, (int64_t)range.end)};
}

// Which query heads the block has: `count` of those that share a kv head.
struct Heads {
  int kv_head;
  int first;
  int count;

  __device__ static Heads of_block(const DecodeArguments& a) {
    int group = a.heads / a.kv_heads;
    int parts = (group + MAX_HEADS - 1) / MAX_HEADS;
    int before = (int)blockIdx.y % parts * MAX_HEADS;
    int kv_head = blockIdx.y / parts;
    return {kv_head, kv_head * group + before, min(MAX_HEADS, group - before)};
  }
};

__device__ inline DecodeTask decode_task(const DecodeArguments& a) {
  int64_t token = blockIdx.z;
  Heads heads = Heads::of_block(a);
  int position = a.positions[token];
  return {a.q + token * a.q_stride + (int64_t)heads.first * a.key_size,
          {(const char*)a.keys, a.key_size},
          {(const char*)a.values, a.value_size},
          a.block_tables + (position < 0 ? 0 : (int64_t)a.sequences[token] * a.table_stride),
          heads.kv_head,
          a.kv_heads,
          a.block_tokens,
          splits_share(seen(position, a.window)),
          Logit(a.scale, a.softcap),
          heads.count};
}

__device__ inline Partial partial_of_block(const DecodeArguments& a) {
  int64_t head = (int64_t)blockIdx.z * a.heads + Heads::of_block(a).first;
  int64_t width = a.value_size + 2;
  return {a.partial + (head * gridDim.x + blockIdx.x) * width, gridDim.x * width, a.value_size};
}

// A split that sees nothing: no sums, and a maximum that takes no part.
__device__ inline void write_nothing(int heads, const Partial& partial) {
  for (int head = 0; head < heads; head++) {
    for (int d = threadIdx.x; d < partial.size; d += THREADS) {
      partial.sums(head)[d] = 0;
    }
  }
  if (threadIdx.x < heads) {
    partial.write(threadIdx.x, -INFINITY, 0);
  }
}

// The quarter of a block's tokens that a warp attends to.
__device__ inline Range warps_share(Range range) {
  int each = (range.end - range.first + WARPS - 1) / WARPS;
  int first = min(range.first + (int)(threadIdx.x / 32) * each, range.end);
  return {first, min(first + each, range.end)};
}

// A warp's whole range and the merge, for up to HEADS heads; spare ones compute with zeros and are not written.
template <class Shape, int HEADS>
__device__ inline void attend(const DecodeArguments& arguments, const DecodeTask& task, Loader<Shape>& loader, char* shared, Stats& stats) {
  Range range = warps_share(task.range);
  Warp<Shape, HEADS> warp(task, shared, (const float*)(shared + Shape::RING_BYTES), range);
  float q[HEADS][8];
  warp.read_queries(q);
  int steps = (range.end - range.first + Shape::STEP - 1) / Shape::STEP;
  int stage = 0;
#pragma unroll 1
  for (int step = 0; step < steps; step++) {
    wait_copies<Shape::STAGES - 1>();
    warp.attend(step, stage, q);
    loader.load(step + Shape::STAGES, stage);
    stage = stage == Shape::STAGES - 1 ? 0 : stage + 1;
  }
  merge(warp, task.heads, stats, (float*)shared, partial_of_block(arguments));
}

// Runs the variant for up to HEADS heads, or if there are more, that for MORE.
template <class Shape, int HEADS, int... MORE>
__device__ inline void attend_heads(const DecodeArguments& arguments, const DecodeTask& task, Loader<Shape>& loader, char* shared, Stats& stats) {
  if constexpr (sizeof...(MORE) > 0) {
    if (task.heads > HEADS) {
      attend_heads<Shape, MORE...>(arguments, task, loader, shared, stats);
      return;
    }
  }
  attend<Shape, HEADS>(arguments, task, loader, shared, stats);
}

template <class Shape, int... HEADS>
__device__ inline void decode_as(const DecodeArguments& arguments, const DecodeTask& task, char* shared, Stats& stats) {
  Loader<Shape> loader(task, shared, warps_share(task.range));
#pragma unroll 1
  for (int stage = 0; stage < Shape::STAGES; stage++) {
    loader.load(stage, stage);
  }
  stage_queries<Shape>((float*)(shared + Shape::RING_BYTES), task);
  __syncthreads();
  attend_heads<Shape, HEADS...>(arguments, task, loader, shared, stats);
}

// key_size = value_size = SIZE. Few heads have a variant of their own where the arithmetic for eight could hold up the memory.
template <template <int, int, int> class Parts, int SIZE, int LOADS, int STAGES, int... HEADS>
__device__ inline void decode(const DecodeArguments& arguments) {
  using Shape = DecodeShape<Parts<SIZE / 8, 1, SIZE>, SIZE / 8, 1, SIZE, LOADS, STAGES>;
  __shared__ __align__(16) char shared[Shape::BYTES];
  __shared__ Stats stats;
  DecodeTask task = decode_task(arguments);
  if (task.range.first >= task.range.end) {
    write_nothing(task.heads, partial_of_block(arguments));
    return;
  }
  decode_as<Shape, HEADS...>(arguments, task, shared, stats);
}

// Any sizes up to 512: rows are given as many lanes as the larger of both needs.
template <template <int, int, int> class Parts, int LOADS, int STAGES, int WIDE_STAGES>
__device__ inline void decode_any(const DecodeArguments& arguments) {
  using Small = DecodeShape<Parts<16, 1, 0>, 16, 1, 0, LOADS, STAGES>;
  using Middle = DecodeShape<Parts<32, 1, 0>, 32, 1, 0, LOADS, STAGES>;
  using Wide = DecodeShape<Parts<32, 2, 0>, 32, 2, 0, 1, WIDE_STAGES>;
  constexpr int BYTES = Wide::BYTES > Middle::BYTES ? Wide::BYTES : Middle::BYTES;
  static_assert(Small::BYTES <= BYTES, "shared memory is for the largest");
  __shared__ __align__(16) char shared[BYTES];
  __shared__ Stats stats;
  DecodeTask task = decode_task(arguments);
  if (task.range.first >= task.range.end) {
    write_nothing(task.heads, partial_of_block(arguments));
    return;
  }
  int size = max(task.keys.size, task.values.size);
  if (size <= Small::WIDTH) {
    decode_as<Small, 8>(arguments, task, shared, stats);
  } else if (size <= Middle::WIDTH) {
    decode_as<Middle, 8>(arguments, task, shared, stats);
  } else {
    decode_as<Wide, 8>(arguments, task, shared, stats);
  }
}

// The partial results of one head of one token, over all splits. A warp's lanes look at 32 splits at once.
struct Splits {
  const float* first;
  int count;
  int value_size;

  __device__ const float* of(int split) const { return first + (int64_t)split * (value_size + 2); }

  __device__ float highest() const {
    float highest = -INFINITY;
    for (int s = threadIdx.x % 32; s < count; s += 32) {
      highest = fmaxf(highest, of(s)[value_size]);
    }
    return warp_max(highest);
  }

  // What a split's sums count relative to this maximum.
  __device__ float weight(int split, float maximum) const { return split < count ? exp2_approx(of(split)[value_size] - maximum) : 0.0f; }

  __device__ float denominator(float maximum) const {
    float sum = 0;
    for (int s = threadIdx.x % 32; s < count; s += 32) {
      sum += of(s)[value_size + 1] * weight(s, maximum);
    }
    return warp_sum(sum);
  }

  __device__ float at(int split, int element) const { return split < count && element < value_size ? of(split)[element] : 0.0f; }

  // All lanes of a warp must call it, those beyond the last element too. The loads of AT_ONCE splits are on their way together.
  __device__ float sum(int element, float maximum) const {
    constexpr int AT_ONCE = 16;
    float sum = 0;
    for (int s = 0; s < count; s += 32) {
      float weights = weight(s + (int)threadIdx.x % 32, maximum);
      for (int first = 0; first < min(32, count - s); first += AT_ONCE) {
        float parts[AT_ONCE];
#pragma unroll
        for (int i = 0; i < AT_ONCE; i++) {
          parts[i] = at(s + first + i, element);
        }
#pragma unroll
        for (int i = 0; i < AT_ONCE; i++) {
          sum = fmaf(parts[i], __shfl_sync(ALL_LANES, weights, first + i), sum);
        }
      }
    }
    return sum;
  }
};

// y[token][head] from the partial results of all splits.
__device__ inline void combine(const float* partial, const float* sinks, float* y, int y_stride, int heads, int value_size, int count) {
  int head = blockIdx.x;
  int64_t token = blockIdx.y;
  Splits splits = {partial + (token * heads + head) * count * (value_size + 2), count, value_size};
  float sink = sinks == nullptr ? -INFINITY : sinks[head] * LOG2_E;
  float highest = fmaxf(sink, splits.highest());
  // Padding has no maximum; any number other than infinity gives it zeros.
  float maximum = highest == -INFINITY ? 0.0f : highest;
  float denominator = splits.denominator(maximum) + exp2_approx(sink - maximum);
  float factor = denominator > 0 ? 1 / denominator : 0.0f;
  float* to = y + token * y_stride + (int64_t)head * value_size;
  int lane = threadIdx.x % 32;
  for (int first = threadIdx.x - lane; first < value_size; first += THREADS) {
    float sum = splits.sum(first + lane, maximum);
    if (first + lane < value_size) {
      to[first + lane] = sum * factor;
    }
  }
}

}  // namespace attention
