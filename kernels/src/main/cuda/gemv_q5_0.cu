#include "gemv_quant.cuh"

GEMV_QUANT(Q5_0, 32, gemv_q5_0)
