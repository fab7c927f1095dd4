#include "gemv_quant.cuh"

GEMV_QUANT(Q5_1, 32, gemv_q5_1)
