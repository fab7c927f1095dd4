#include "rows.cuh"

ROWS_KERNELS(copy_row, Q6_K, q6_k)
