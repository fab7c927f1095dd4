#include "gemv_quant.cuh"

GEMV_QUANT(Q8_0Half, 16, gemv_q8_0)
