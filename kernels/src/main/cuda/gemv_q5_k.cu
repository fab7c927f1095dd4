#include "gemv_quant.cuh"

GEMV_QUANT(Q5_K, 32, gemv_q5_k)
