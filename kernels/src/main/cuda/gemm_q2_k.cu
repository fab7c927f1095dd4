#include "gemm_quant.cuh"

GEMM_ENTRIES(q2_k, Q2_K)
