#pragma once

// Choosing a token from a row of logits by one block of 1024 threads.
//
// Tokens have a total order: larger logits first, then lower ids. A token's rank is an integer that is larger the
// earlier it comes: an order-preserving image of the logit's bits in the upper and the inverted id in the lower part.
// "Keep the k best", "keep the best that reach this mass" and "walk down to this mass" all are one search: weights
// per token, and the rank at which their sum from the top reaches a target. Weights are integers (probabilities in
// fixed point), so sums do not depend on the order in which threads add them.

typedef unsigned long long u64;

constexpr int THREADS = 1024;
constexpr int ID_BITS = 18;
constexpr int LAST_ID = (1 << ID_BITS) - 1;
constexpr int DIGIT_BITS = 10;  // a bin per thread
constexpr int RANK_BITS = 50;
constexpr int UNROLL = 8;
constexpr float ONE = 17592186044416.0f;  // a probability of 1, 2^44: 2^18 of them fit into 64 bits

constexpr unsigned KEY_OF_NAN = 0xffffffffu;
constexpr unsigned KEY_OF_INFINITY = 0xff800000u;
constexpr unsigned KEY_OF_MINUS_INFINITY = 0x007fffffu;

__device__ __forceinline__ unsigned key_of(float logit) {
  // -0 equals +0.
  unsigned bits = logit == 0 ? 0 : __float_as_uint(logit);
  unsigned key = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
  return isnan(logit) ? KEY_OF_NAN : key;
}

__device__ __forceinline__ u64 rank_of(float logit, int id) {
  return (u64)key_of(logit) << ID_BITS | (unsigned)(LAST_ID - id);
}

__device__ __forceinline__ float logit_of(u64 rank) {
  unsigned key = (unsigned)(rank >> ID_BITS);
  return __uint_as_float(key & 0x80000000u ? key ^ 0x80000000u : ~key);
}

__device__ __forceinline__ int id_of(u64 rank) {
  return LAST_ID - (int)(rank & LAST_ID);
}

// Tokens: a row of logits, or the ranks of some.
struct Tokens {
  const float* logits;
  const u64* ranks;  // null: all of the row
  int count;
};

// Hands each of this thread's logits and its id to a function, in order; many loads are on their way at once.
template <class F>
__device__ __forceinline__ void for_each_logit(Tokens tokens, F f) {
#pragma unroll 1
  for (int start = threadIdx.x; start < tokens.count; start += UNROLL * THREADS) {
    float logit[UNROLL];
#pragma unroll
    for (int k = 0; k < UNROLL; k++) {
      int i = start + k * THREADS;
      logit[k] = i < tokens.count ? __ldg(tokens.logits + i) : 0;
    }
#pragma unroll
    for (int k = 0; k < UNROLL; k++) {
      int i = start + k * THREADS;
      if (i < tokens.count) {
        f(logit[k], i);
      }
    }
  }
}

// Hands each of this thread's ranks to a function.
template <class F>
__device__ __forceinline__ void for_each(Tokens tokens, F f) {
  if (tokens.ranks == nullptr) {
    for_each_logit(tokens, [&](float logit, int id) { f(rank_of(logit, id)); });
    return;
  }
#pragma unroll 1
  for (int i = threadIdx.x; i < tokens.count; i += THREADS) {
    f(tokens.ranks[i]);
  }
}

// What the block's threads share: an array per purpose, so that few barriers are needed.
struct Scratch {
  u64 bins[THREADS];  // zero between searches
  u64 best[32];
  u64 known[32];
  u64 all[32];
  u64 scanned[32];
  u64 before;
  int digit;
  int count;
};

struct Max {
  __device__ __forceinline__ u64 operator()(u64 a, u64 b) const { return a > b ? a : b; }
};

struct Sum {
  __device__ __forceinline__ u64 operator()(u64 a, u64 b) const { return a + b; }
};

// The block's maximum or sum, in every thread. No thread may still be reading `warps`.
template <class Combine>
__device__ __forceinline__ u64 reduce(u64 x, Combine combine, u64* warps) {
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) {
    x = combine(x, __shfl_xor_sync(0xffffffffu, x, distance));
  }
  if (threadIdx.x % 32 == 0) {
    warps[threadIdx.x / 32] = x;
  }
  __syncthreads();
  x = warps[threadIdx.x % 32];
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) {
    x = combine(x, __shfl_xor_sync(0xffffffffu, x, distance));
  }
  return x;
}

// The sum of x over this thread and all before it. No thread may still be reading `warps`.
__device__ __forceinline__ u64 inclusive_sum(u64 x, u64* warps) {
  int lane = threadIdx.x % 32;
  int warp = threadIdx.x / 32;
#pragma unroll
  for (int distance = 1; distance < 32; distance *= 2) {
    u64 lower = __shfl_up_sync(0xffffffffu, x, distance);
    x += lane >= distance ? lower : 0;
  }
  if (lane == 31) {
    warps[warp] = x;
  }
  __syncthreads();
  u64 before = lane < warp ? warps[lane] : 0;
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) {
    before += __shfl_xor_sync(0xffffffffu, before, distance);
  }
  return x + before;
}

// What a token weighs: one, or exp((logit - top) / temperature) in fixed point; in either case nothing if it comes
// after `last` or has less than min_p of the top token's probability.
struct Weight {
  bool counting;
  u64 last;
  float top;
  float temperature;
  float min_p;

  __device__ __forceinline__ u64 operator()(u64 rank) const {
    if (rank < last) {
      return 0;
    }
    if (counting) {
      return 1;
    }
    float below = logit_of(rank) - top;
    bool kept = min_p == 0 || expf(below) >= min_p;
    return kept ? __float2ull_rn(expf(below / temperature) * ONE) : 0;
  }
};

__device__ __forceinline__ u64 total(Tokens tokens, Weight weight, u64* warps) {
  u64 sum = 0;
  for_each(tokens, [&](u64 rank) { sum += weight(rank); });
  return reduce(sum, Sum(), warps);
}

// The rank at which the weights from the top reach a target, which is at least 1 and at most their total: digit by
// digit from the highest, each by a histogram of the tokens that share the digits found.
__device__ __forceinline__ u64 search(Tokens tokens, Weight weight, u64 target, Scratch& scratch) {
  u64 found = 0;
#pragma unroll 1
  for (int shift = RANK_BITS - DIGIT_BITS; shift >= 0; shift -= DIGIT_BITS) {
    for_each(tokens, [&](u64 rank) {
      if ((rank ^ found) >> (shift + DIGIT_BITS) == 0) {
        u64 w = weight(rank);
        if (w != 0) {
          atomicAdd(&scratch.bins[rank >> shift & (THREADS - 1)], w);
        }
      }
    });
    __syncthreads();
    int digit = THREADS - 1 - threadIdx.x;
    u64 mass = scratch.bins[digit];
    scratch.bins[digit] = 0;
    u64 reached = inclusive_sum(mass, scratch.scanned);
    if (reached >= target && reached - mass < target) {
      scratch.digit = digit;
      scratch.before = reached - mass;
    }
    __syncthreads();
    found |= (u64)scratch.digit << shift;
    target -= scratch.before;
  }
  return found;
}
