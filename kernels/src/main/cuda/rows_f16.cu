#include "rows.cuh"

ROWS_KERNELS(copy_plain_row, StoredF16, f16)
