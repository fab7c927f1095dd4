#include "gemm_quant.cuh"

GEMM_ENTRIES(q4_k, Q4_K)
