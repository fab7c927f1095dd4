#include "rows.cuh"

ROWS_KERNELS(copy_row, Q8_0, q8_0)
