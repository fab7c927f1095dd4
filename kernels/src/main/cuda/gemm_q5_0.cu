#include "gemm_quant.cuh"

GEMM_ENTRIES(q5_0, Q5_0)
