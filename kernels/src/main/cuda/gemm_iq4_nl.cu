#include "gemm_quant.cuh"

GEMM_ENTRIES(iq4_nl, Iq4Nl)
