// The next token of each row of logits; see sampling.cuh for how.

#include "sampling.cuh"

// As many tokens are looked at first; the others only where these do not have what is searched for.
constexpr int FEW = 512;

struct Settings {
  float temperature;
  float top_p;
  float min_p;
  float uniform;
  int top_k;
  int pad[3];
};

// Each thread's best token of a row, 0 where it has none. Few logits pass the first comparison, which costs a fraction of the second.
__device__ __forceinline__ u64 best_of(Tokens row) {
  u64 best = 0;
  float least = -INFINITY;
  for_each_logit(row, [&](float logit, int id) {
    if (best == 0 || !(logit <= least)) {
      u64 rank = rank_of(logit, id);
      best = rank > best ? rank : best;
      least = logit_of(best);
    }
  });
  return best;
}

// The id of the row's best token, negative if its logit is of no use.
__device__ __forceinline__ int reported(u64 best) {
  unsigned key = (unsigned)(best >> ID_BITS);
  bool usable = key > KEY_OF_MINUS_INFINITY && key < KEY_OF_INFINITY;
  return usable ? id_of(best) : -1 - id_of(best);
}

// The tokens of a row down to a rank, in any order. Called once, for rows without NaN.
__device__ __forceinline__ Tokens collect(Tokens row, u64 last, u64* ranks, Scratch& scratch) {
  const float least = logit_of(last);
  for_each_logit(row, [&](float logit, int id) {
    if (logit >= least && rank_of(logit, id) >= last) {
      ranks[atomicAdd(&scratch.count, 1)] = rank_of(logit, id);
    }
  });
  __syncthreads();
  return {row.logits, ranks, scratch.count};
}

// Each step is a search. The first one finds a bound for the few best tokens: the least of the FEW (or top_k) best of
// the threads' own best, so that at least as many tokens reach it, and seldom many more.
enum Step { BOUND, TOP_K, TOP_P, DRAW };

__device__ __forceinline__ u64 target_of(int step, const Settings& s, u64 all) {
  switch (step) {
    case BOUND:
      return s.top_k > FEW && s.top_k <= THREADS ? s.top_k : FEW;
    case TOP_K:
      return s.top_k;
    case TOP_P:
      return max(1ull, min(all, (u64)ceil((double)s.top_p * (double)all)));
    default:
      return min(all, (u64)((double)s.uniform * (double)all) + 1);
  }
}

__device__ __forceinline__ bool applies(int step, const Settings& s, int vocabulary) {
  return !(step == TOP_K && (s.top_k <= 0 || s.top_k >= vocabulary)) && !(step == TOP_P && s.top_p >= 1);
}

// own: this thread's best token; best: the row's.
__device__ __forceinline__ u64 draw(Tokens row, const Settings& s, u64 own, u64 best, u64* ranks, Scratch& scratch) {
  bool large = row.count > THREADS;
  Tokens tokens = large ? Tokens{row.logits, ranks, THREADS} : row;
  if (large) {
    ranks[threadIdx.x] = own;  // which only this thread will read
  }
  u64 last = 0;
#pragma unroll 1
  for (int step = large ? BOUND : TOP_K; step <= DRAW; step++) {
    if (!applies(step, s, row.count)) {
      continue;
    }
    bool drawing = step == DRAW;
    Weight weight = {step <= TOP_K, last, logit_of(best), drawing ? s.temperature : 1, drawing ? s.min_p : 0};
    u64 known = total(tokens, weight, scratch.known);
    // The few tokens are all that count only if something cut off the rest.
    u64 all = step <= TOP_K || last > 0 ? known : total(row, weight, scratch.all);
    u64 target = target_of(step, s, all);
    tokens = target > known ? row : tokens;
    u64 found = search(tokens, weight, target, scratch);
    if (step == BOUND) {
      tokens = collect(row, found, ranks, scratch);
    } else {
      last = found;
    }
  }
  return last;
}

extern "C" __global__ void __launch_bounds__(THREADS) argmax(
    const float* logits, int logits_stride, int vocabulary, int* ids) {
  __shared__ u64 warps[32];
  Tokens row = {logits + (long long)blockIdx.x * logits_stride, nullptr, vocabulary};
  u64 best = reduce(best_of(row), Max(), warps);
  if (threadIdx.x == 0) {
    ids[blockIdx.x] = reported(best);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) sample(
    const float* logits, int logits_stride, int vocabulary, const Settings* settings, float* workspace, int* ids) {
  __shared__ Scratch scratch;
  Tokens row = {logits + (long long)blockIdx.x * logits_stride, nullptr, vocabulary};
  scratch.bins[threadIdx.x] = 0;
  if (threadIdx.x == 0) {
    scratch.count = 0;
  }
  u64 own = best_of(row);
  u64 best = reduce(own, Max(), scratch.best);
  int id = reported(best);
  Settings s = settings[blockIdx.x];
  if (id >= 0 && s.temperature > 0) {
    u64* ranks = (u64*)workspace + (long long)blockIdx.x * vocabulary;
    id = id_of(draw(row, s, own, best, ranks, scratch));
  }
  if (threadIdx.x == 0) {
    ids[blockIdx.x] = id;
  }
}
