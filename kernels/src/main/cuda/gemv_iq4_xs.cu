#include "gemv_quant.cuh"

GEMV_QUANT(IQ4_XS, 32, gemv_iq4_xs)
