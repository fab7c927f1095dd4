#include "gemm_quant.cuh"

GEMM_ENTRIES(q3_k, Q3_K)
