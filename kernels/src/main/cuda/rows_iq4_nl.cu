#include "rows.cuh"

ROWS_KERNELS(copy_row, IQ4_NL, iq4_nl)
