#include "gemv_plain.cuh"

GEMV_PLAIN(BF16, gemv_bf16)
