#include "rows.cuh"

ROWS_KERNELS(copy_row, IQ4_XS, iq4_xs)
