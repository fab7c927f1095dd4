#include "gemm_quant.cuh"

GEMM_ENTRIES(iq4_xs, Iq4Xs)
