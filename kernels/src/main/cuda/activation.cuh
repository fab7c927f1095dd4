#pragma once

enum Activation { SILU = 0, GELU_TANH = 1, RELU_SQUARED = 2 };

__device__ __forceinline__ float silu(float x) {
  return x / (1 + expf(-x));
}

// 0.5 x (1 + tanh(u)) is x / (1 + exp(-2u)), which loses nothing where tanh is close to -1.
__device__ __forceinline__ float gelu_tanh(float x) {
  float twice = 1.5957691216057308f * (x + 0.044715f * x * x * x);
  return x / (1 + expf(-twice));
}

__device__ __forceinline__ float activate(int activation, float x) {
  switch (activation) {
    case SILU:
      return silu(x);
    case GELU_TANH:
      return gelu_tanh(x);
    default:
      return x > 0 ? x * x : 0;
  }
}
