// How the warps of a decoding block add up their results.
#pragma once
#include "attention_softmax.cuh"

namespace attention {

// The partial results of the block's heads for its split: the sums, then the maximum, then the denominator of each.
struct Partial {
  float* first;
  int64_t head_stride;
  int size;

  __device__ float* sums(int head) const { return first + head * head_stride; }

  __device__ void write(int head, float maximum, float denominator) const {
    sums(head)[size] = maximum;
    sums(head)[size + 1] = denominator;
  }
};

// The maximum and the denominator of each head, of each warp.
struct Stats {
  float maximum[WARPS][MAX_HEADS];
  float denominator[WARPS][MAX_HEADS];

  __device__ float highest(int head) const {
    float highest = maximum[0][head];
#pragma unroll
    for (int w = 1; w < WARPS; w++) {
      highest = fmaxf(highest, maximum[w][head]);
    }
    return highest;
  }

  __device__ float total(int head) const {
    float sum = 0;
#pragma unroll
    for (int w = 0; w < WARPS; w++) {
      sum += denominator[w][head] * exp2_approx(maximum[w][head] - highest(head));
    }
    return sum;
  }
};

// One chunk of a warp's sums to shared memory, relative to the block's maximum. The lanes of one row have them all.
template <class Shape, int HEADS>
__device__ inline void put_sums(const Warp<Shape, HEADS>& warp, int chunk, const Stats& stats, float* shared) {
  if (warp_row<Shape>() != 0) {
    return;
  }
  int w = threadIdx.x / 32;
  float* to = shared + w * MAX_HEADS * Shape::Stage::CHUNK + 4 * lane<Shape>();
#pragma unroll
  for (int h = 0; h < HEADS; h++) {
    float factor = exp2_approx(stats.maximum[w][h] - stats.highest(h));
    const float* sums = warp.sums[h] + 8 * chunk;
    *(float4*)to = make_float4(sums[0] * factor, sums[1] * factor, sums[2] * factor, sums[3] * factor);
    *(float4*)(to + Shape::Stage::HALF) = make_float4(sums[4] * factor, sums[5] * factor, sums[6] * factor, sums[7] * factor);
    to += Shape::Stage::CHUNK;
  }
}

// Adds the warps' sums of one chunk and writes them.
template <class Shape>
__device__ inline void write_sums(int chunk, int heads, const float* shared, const Partial& partial) {
  using Stage = typename Shape::Stage;
#pragma unroll 1
  for (int i = threadIdx.x; i < heads * Shape::WIDTH; i += THREADS) {
    int head = i / Shape::WIDTH;
    int d = i % Shape::WIDTH;
    const float* from = shared + head * Stage::CHUNK + Stage::template index<typename Shape::Parts>(d);
    float sum = 0;
#pragma unroll
    for (int w = 0; w < WARPS; w++) {
      sum += from[w * MAX_HEADS * Stage::CHUNK];
    }
    if (Shape::SIZE || chunk * Shape::WIDTH + d < partial.size) {
      partial.sums(head)[chunk * Shape::WIDTH + d] = sum;
    }
  }
}

// Merges the warps' results. Their shared memory is used anew.
template <class Shape, int HEADS>
__device__ inline void merge(Warp<Shape, HEADS>& warp, int heads, Stats& stats, float* shared, const Partial& partial) {
  warp.reduce();
  if (warp.told_head() >= 0) {
    stats.maximum[threadIdx.x / 32][warp.told_head()] = warp.maximum;
    stats.denominator[threadIdx.x / 32][warp.told_head()] = warp.denominator;
  }
#pragma unroll
  for (int chunk = 0; chunk < Shape::CHUNKS; chunk++) {
    __syncthreads();
    put_sums(warp, chunk, stats, shared);
    __syncthreads();
    write_sums<Shape>(chunk, heads, shared, partial);
  }
  if (threadIdx.x < heads) {
    partial.write(threadIdx.x, stats.highest(threadIdx.x), stats.total(threadIdx.x));
  }
}

}  // namespace attention
