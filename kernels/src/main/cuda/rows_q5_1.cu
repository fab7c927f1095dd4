#include "rows.cuh"

ROWS_KERNELS(copy_row, Q5_1, q5_1)
