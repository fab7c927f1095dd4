// What the attention kernels and the kernel that fills the cache share: how the cache lies in memory, and the softmax's arithmetic.
#pragma once
#include <cstdint>
#include <cuda_fp16.h>

namespace attention {

// Positions one token attends to, or one split's share of them: first .. end - 1.
struct Range {
  int first;
  int end;
};

// What a token at this position sees; window 0 means everything before it. Nothing at a negative position, which is padding.
__device__ inline Range seen(int position, int window) {
  int first = window > 0 ? max(0, position - window + 1) : 0;
  return position < 0 ? Range{0, 0} : Range{first, position + 1};
}

// The cache of one layer is [blocks][kv heads] chunks, a chunk [block_tokens] rows; these say how a row of `size` elements lies in its chunk.
struct F32 {
  __host__ __device__ static constexpr int row_bytes(int size) { return (4 * size + 15) / 16 * 16; }
  __host__ __device__ static constexpr int chunk_bytes(int size, int block_tokens) { return block_tokens * row_bytes(size); }
};

struct F16 {
  __host__ __device__ static constexpr int row_bytes(int size) { return (2 * size + 15) / 16 * 16; }
  __host__ __device__ static constexpr int chunk_bytes(int size, int block_tokens) { return block_tokens * row_bytes(size); }
};

// A row is its codes; the rows' scales, one f16 for 32 codes, follow the codes of all rows.
struct Q8_0 {
  __host__ __device__ static constexpr int row_bytes(int size) { return (size + 31) / 32 * 32; }
  __host__ __device__ static constexpr int row_scales(int size) { return (size + 31) / 32; }
  __host__ __device__ static constexpr int scales_offset(int size, int block_tokens) { return block_tokens * row_bytes(size); }
  __host__ __device__ static constexpr int chunk_bytes(int size, int block_tokens) {
    return (scales_offset(size, block_tokens) + 2 * block_tokens * row_scales(size) + 15) / 16 * 16;
  }
};

// base + index * stride in one instruction; the compiler prefers whole 64-bit multiplications.
__device__ inline const char* address(const char* base, int index, int stride) {
  const char* at;
  asm("mad.wide.s32 %0, %1, %2, %3;" : "=l"(at) : "r"(index), "r"(stride), "l"(base));
  return at;
}

// Walks a lane's positions, always the same number of tokens further, without a division per token.
class Cursor {
 public:
  int block;
  int row;

  __device__ Cursor(int position, int stride, int block_tokens)
    : block(position / block_tokens), row(position % block_tokens), blocks_(stride / block_tokens), rows_(stride % block_tokens),
     block_tokens_(block_tokens) {}

  __device__ void advance() {
    block += blocks_;
    row += rows_;
    if (row >= block_tokens_) {
      row -= block_tokens_;
      ++block;
    }
  }

 private:
  int blocks_;
  int rows_;
  int block_tokens_;
};

constexpr float LOG2_E = 1.4426950408889634f;

// 2^x, at most 2 units in the last place wrong; 2^-infinity is 0.
__device__ inline float exp2_approx(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// Turns dot products into logits of a softmax to base 2: scaled, capped if asked to, times log2 e.
class Logit {
  public:
  __device__ Logit(float scale, float softcap) : capped_(softcap > 0), inner_(capped_ ? scale / softcap : scale * LOG2_E), outer_(softcap * LOG2_E) {}

  __device__ float operator()(float dot) const { return capped_ ? cap(dot * inner_) : dot * inner_; }

  // For those who scale by factor() themselves, and then cap if capped().
  __device__ float factor() const { return inner_; }
  __device__ bool capped() const { return capped_; }
  __device__ float cap(float scaled) const { return outer_ * tanhf(scaled); }

  private:
  bool capped_;
  float inner_;
  float outer_;
};

}  // namespace attention
