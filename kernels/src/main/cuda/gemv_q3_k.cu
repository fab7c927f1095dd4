#include "gemv_quant.cuh"

GEMV_QUANT(Q3_K, 32, gemv_q3_k)
