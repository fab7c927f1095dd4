#include "gemm_split.cuh"

GEMM_SPLIT_ENTRIES(f16, F16)
