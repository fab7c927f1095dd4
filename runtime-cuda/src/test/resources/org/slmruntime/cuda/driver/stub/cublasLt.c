/* Stands in for libcublasLt.so.13, of which we call nothing. */
int stub_of_cublas_lt;
