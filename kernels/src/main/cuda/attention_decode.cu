#include "attention_decode.cuh"

using namespace attention;

#define ENTRY(NAME, ...)                                                                                                                             \
  extern "C" __global__ void __launch_bounds__(THREADS, 2)                                                                                           \
      NAME(const float* __restrict__ q, int q_stride, const void* __restrict__ keys, const void* __restrict__ values,                               \
           const int* __restrict__ block_tables, int table_stride, const int* __restrict__ sequences, const int* __restrict__ positions,            \
           float* __restrict__ partial, int heads, int kv_heads, int key_size, int value_size, int block_tokens, float scale, float softcap,        \
           int window) {                                                                                                                             \
    __VA_ARGS__({q, q_stride, keys, values, block_tables, table_stride, sequences, positions, partial, heads, kv_heads, key_size, value_size,       \
                 block_tokens, scale, softcap, window});                                                                                             \
  }

// Parts, rows a lane loads per step, steps under way at once (as many as 48 KiB of shared memory hold), and the numbers of heads with a variant.
ENTRY(attention_f32_any, decode_any<PartsF32, 2, 2, 1>)
ENTRY(attention_f32_64, decode<PartsF32, 64, 2, 2, 8>)
ENTRY(attention_f32_128, decode<PartsF32, 128, 2, 2, 8>)
ENTRY(attention_f32_256, decode<PartsF32, 256, 2, 2, 8>)
ENTRY(attention_f16_any, decode_any<PartsF16, 2, 4, 3>)
ENTRY(attention_f16_64, decode<PartsF16, 64, 2, 4, 4, 8>)
ENTRY(attention_f16_128, decode<PartsF16, 128, 2, 4, 4, 8>)
ENTRY(attention_f16_256, decode<PartsF16, 256, 2, 4, 4, 8>)
ENTRY(attention_q8_0_any, decode_any<PartsQ8_0, 2, 4, 4>)
ENTRY(attention_q8_0_64, decode<PartsQ8_0, 64, 2, 4, 2, 4, 8>)
ENTRY(attention_q8_0_128, decode<PartsQ8_0, 128, 2, 4, 2, 4, 8>)
ENTRY(attention_q8_0_256, decode<PartsQ8_0, 256, 2, 4, 4, 8>)

extern "C" __global__ void __launch_bounds__(THREADS)
    attention_combine(const float* __restrict__ partial, const float* __restrict__ sinks, float* __restrict__ y, int y_stride, int heads, int value_size,
                      int splits) {
  combine(partial, sinks, y, y_stride, heads, value_size, splits);
}
