/* Stands in for libcudart.so.13, of which the bindings are linked with and we call nothing. */
int stub_of_cudart;
