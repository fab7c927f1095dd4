#include "gemm_split.cuh"

GEMM_SPLIT_ENTRIES(bf16, Bf16)
