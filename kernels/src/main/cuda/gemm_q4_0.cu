#include "gemm_quant.cuh"

GEMM_ENTRIES(q4_0, Q4_0)
