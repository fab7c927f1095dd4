#include "gemm_quant.cuh"

GEMM_ENTRIES(q4_1, Q4_1)
