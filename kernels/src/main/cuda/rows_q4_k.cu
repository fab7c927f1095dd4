#include "rows.cuh"

ROWS_KERNELS(copy_row, Q4_K, q4_k)
