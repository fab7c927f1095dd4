#include "gemm_quant.cuh"

GEMM_ENTRIES(q8_0, Q8_0)
