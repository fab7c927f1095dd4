#include "rows.cuh"

ROWS_KERNELS(copy_row, Q5_K, q5_k)
