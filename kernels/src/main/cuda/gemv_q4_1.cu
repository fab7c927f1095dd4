#include "gemv_quant.cuh"

GEMV_QUANT(Q4_1, 32, gemv_q4_1)
