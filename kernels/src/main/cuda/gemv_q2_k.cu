#include "gemv_quant.cuh"

GEMV_QUANT(Q2_K, 32, gemv_q2_k)
