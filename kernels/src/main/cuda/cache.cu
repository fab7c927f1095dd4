// Head norms, rotary positions, and appending to the paged cache.

#include "cache.cuh"
#include "rope.cuh"

// q heads first, then k heads, then v heads; a warp each.
struct Append {
  float* q;
  int q_stride;
  float* k;
  int k_stride;
  const float* v;
  int v_stride;
  const float* q_norm;
  const float* k_norm;
  float epsilon;
  const float2* angles;
  int pairs;
  int pairing;
  int heads;
  int kv_heads;
  int key_size;
  int value_size;
  unsigned char* keys;
  unsigned char* values;
  const int* block_tables;
  int table_stride;
  const int* sequences;
  const int* positions;
  int block_tokens;
};

// Copies a head to x, zeros up to the next multiple of 32 included.
__device__ __forceinline__ void load_head(const float* head, int size, float* x) {
  int padded = (size + 31) / 32 * 32;
  for (int i = threadIdx.x; i < padded; i += 32) {
    x[i] = i < size ? head[i] : 0;
  }
  __syncwarp();
}

__device__ __forceinline__ void norm_head(float* x, int size, const float* weight, float epsilon) {
  float squares = 0;
  for (int i = threadIdx.x; i < size; i += 32) {
    squares += x[i] * x[i];
  }
  float inverse = 1 / sqrtf(warp_sum(squares) / size + epsilon);
  for (int i = threadIdx.x; i < size; i += 32) {
    x[i] *= inverse * weight[i];
  }
  __syncwarp();
}

// A warp's work: a head, and where it goes.
struct Head {
  float* values;
  int size;
  const float* norm;  // null: none
  bool rotated;
  unsigned char* cache;  // null: none
};

__device__ __forceinline__ Head head_of(const Append& a, int index) {
  long long token = blockIdx.x;
  bool rotated = a.angles != nullptr;
  if (index < a.heads) {
    return {a.q + token * a.q_stride + index * a.key_size, a.key_size, a.q_norm, rotated, nullptr};
  }
  index -= a.heads;
  if (index < a.kv_heads) {
    return {a.k + token * a.k_stride + index * a.key_size, a.key_size, a.k_norm, rotated, a.keys};
  }
  index -= a.kv_heads;
  // Neither normed nor rotated, so never written.
  float* values = const_cast<float*>(a.v) + token * a.v_stride + index * a.value_size;
  return {values, a.value_size, nullptr, false, a.values};
}

__device__ __forceinline__ void rotate_head(const Append& a, float* x) {
  const float2* angles = a.angles + (long long)blockIdx.x * a.pairs;
  for (int pair = threadIdx.x; pair < a.pairs; pair += 32) {
    rotate(x, x, angles[pair], pair, a.pairs, a.pairing);
  }
  __syncwarp();
}

__device__ __forceinline__ Slot slot_of(const Append& a, int position, int kv_head) {
  const int* table = a.block_tables + (long long)a.sequences[blockIdx.x] * a.table_stride;
  long long block = table[position / a.block_tokens];
  return {block * a.kv_heads + kv_head, position % a.block_tokens, a.block_tokens};
}

template <class Cache>
__device__ __forceinline__ void append(const Append& a) {
  __shared__ __align__(16) float rows[4][MAX_HEAD];
  float* x = rows[threadIdx.y];
  int index = blockIdx.y * 4 + threadIdx.y;
  int position = a.positions[blockIdx.x];
  if (position < 0 || index >= a.heads + 2 * a.kv_heads) {
    return;
  }
  Head head = head_of(a, index);
  load_head(head.values, head.size, x);
  if (head.norm != nullptr) {
    norm_head(x, head.size, head.norm, a.epsilon);
  }
  if (head.rotated) {
    rotate_head(a, x);
  }
  if (head.norm != nullptr || head.rotated) {
    for (int i = threadIdx.x; i < head.size; i += 32) {
      head.values[i] = x[i];
    }
  }
  if (head.cache != nullptr) {
    Cache::store(head.cache, slot_of(a, position, (index - a.heads) % a.kv_heads), x, head.size);
  }
}

#define APPEND(NAME, CACHE)                                                                                      \
  extern "C" __global__ void __launch_bounds__(128, 8) NAME(                                                     \
      float* q, int q_stride, float* k, int k_stride, const float* v, int v_stride, const float* q_norm,         \
      const float* k_norm, float epsilon, const float2* angles, int pairs, int pairing, int heads, int kv_heads, \
      int key_size, int value_size, unsigned char* keys, unsigned char* values, const int* block_tables,         \
      int table_stride, const int* sequences, const int* positions, int block_tokens) {                          \
    append<CACHE>({q,          q_stride,   k,      k_stride, v,            v_stride,     q_norm,    k_norm,      \
                   epsilon,    angles,     pairs,  pairing,  heads,        kv_heads,     key_size,  value_size,  \
                   keys,       values,     block_tables,     table_stride, sequences,    positions, block_tokens}); \
  }

APPEND(append_f32, CacheF32)
APPEND(append_f16, CacheF16)
APPEND(append_q8_0, CacheQ8)

extern "C" __global__ void __launch_bounds__(128) rope_angles(
    const int* __restrict__ positions, const double* __restrict__ frequencies, float magnitude,
    float2* __restrict__ angles, int pairs) {
  double position = positions[blockIdx.x];
  for (int pair = threadIdx.x; pair < pairs; pair += 128) {
    float2 turned = unit(position * frequencies[pair]);
    angles[(long long)blockIdx.x * pairs + pair] = {turned.x * magnitude, turned.y * magnitude};
  }
}

// y may be x: a pair is read before it is written, and by one thread only.
extern "C" __global__ void __launch_bounds__(128) rope(
    const float* x, int x_stride, float* y, int y_stride, const float2* __restrict__ angles, int pairs, int pairing,
    int heads, int head_size) {
  const float* in = x + (long long)blockIdx.x * x_stride;
  float* out = y + (long long)blockIdx.x * y_stride;
  const float2* row = angles + (long long)blockIdx.x * pairs;
  for (int i = threadIdx.x; i < heads * pairs; i += 128) {
    int start = i / pairs * head_size;
    int pair = i % pairs;
    rotate(in + start, out + start, row[pair], pair, pairs, pairing);
  }
  int rest = head_size - 2 * pairs;
  for (int i = threadIdx.x; i < heads * rest; i += 128) {
    int at = i / rest * head_size + 2 * pairs + i % rest;
    out[at] = in[at];
  }
}
