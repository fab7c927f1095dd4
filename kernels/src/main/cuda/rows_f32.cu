#include "rows.cuh"

ROWS_KERNELS(copy_plain_row, StoredF32, f32)
