#include "gemv_plain.cuh"

GEMV_PLAIN(F32, gemv_f32)
