#include "rows.cuh"

ROWS_KERNELS(copy_row, Q2_K, q2_k)
