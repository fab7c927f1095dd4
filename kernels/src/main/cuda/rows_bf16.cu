#include "rows.cuh"

ROWS_KERNELS(copy_plain_row, StoredBF16, bf16)
