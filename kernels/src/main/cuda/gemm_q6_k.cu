#include "gemm_quant.cuh"

GEMM_ENTRIES(q6_k, Q6_K)
