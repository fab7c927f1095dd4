#include "gemm_quant.cuh"

GEMM_ENTRIES(q5_k, Q5_K)
