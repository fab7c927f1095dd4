#include "rows.cuh"

ROWS_KERNELS(copy_row, Q4_0, q4_0)
