#include "gemv_quant.cuh"

GEMV_QUANT(IQ4_NL, 32, gemv_iq4_nl)
