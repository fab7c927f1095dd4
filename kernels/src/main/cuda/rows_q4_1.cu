#include "rows.cuh"

ROWS_KERNELS(copy_row, Q4_1, q4_1)
