#include "rows.cuh"

ROWS_KERNELS(copy_row, Q5_0, q5_0)
