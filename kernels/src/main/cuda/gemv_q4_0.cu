#include "gemv_quant.cuh"

GEMV_QUANT(Q4_0, 32, gemv_q4_0)
