#include "gemv_quant.cuh"

GEMV_QUANT(Q4_K, 32, gemv_q4_k)
