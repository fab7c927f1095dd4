#include "gemm_quant.cuh"

GEMM_ENTRIES(q5_1, Q5_1)
