#include "gemv_plain.cuh"

GEMV_PLAIN(F16, gemv_f16)
