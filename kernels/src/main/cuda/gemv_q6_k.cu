#include "gemv_quant.cuh"

GEMV_QUANT(Q6_K, 32, gemv_q6_k)
