#include "rows.cuh"

ROWS_KERNELS(copy_row, Q3_K, q3_k)
