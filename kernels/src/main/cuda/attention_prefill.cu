#include "attention_prefill.cuh"

using namespace attention;

#define ENTRY(NAME, SIZE, TOKENS, SOURCE)                                                                                                              \
  extern "C" __global__ void __launch_bounds__(TILE_THREADS, 2)                                                                                         \
      NAME(const float* __restrict__ q, int q_stride, const void* __restrict__ keys, const void* __restrict__ values,                                 \
           const int* __restrict__ block_tables, int table_stride, const int4* __restrict__ tiles, const float* __restrict__ sinks,                   \
           float* __restrict__ y, int y_stride, int heads, int kv_heads, int block_tokens, float scale, float softcap, int window) {                  \
    prefill<SIZE, TOKENS, SOURCE<SIZE, TOKENS>>({q, q_stride, keys, values, block_tables, table_stride, tiles, sinks, y, y_stride, heads, kv_heads,   \
                                                 block_tokens, scale, softcap, window});                                                              \
  }

// Head size, tokens of a tile: what keeps shared memory below 48 KiB.
ENTRY(attention_prefill_f16_64, 64, 64, SourceF16)
ENTRY(attention_prefill_f16_128, 128, 32, SourceF16)
ENTRY(attention_prefill_q8_0_64, 64, 64, SourceQ8_0)
ENTRY(attention_prefill_q8_0_128, 128, 32, SourceQ8_0)
