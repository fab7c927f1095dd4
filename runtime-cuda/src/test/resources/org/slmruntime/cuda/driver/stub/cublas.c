/* Stands in for libcublas.so.13: column-major products of float32 and bf16 matrices, in plain loops. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void* stream_set;
static size_t workspace_set;

static void note(const char* text, long number) {
  FILE* log = fopen(getenv("STUB_LOG"), "a");
  fprintf(log, "%s %ld\n", text, number);
  fclose(log);
}

int cublasCreate_v2(void** handle) {
  *handle = (void*)0x9000;
  note("cublas create", 0);
  return getenv("STUB_NO_CUBLAS") ? 3 : 0;
}

int cublasDestroy_v2(void* handle) {
  note("cublas destroy", 0);
  return handle != (void*)0x9000;
}

/* As cuBLAS does, this takes the workspace away. */
int cublasSetStream_v2(void* handle, void* stream) {
  stream_set = stream;
  workspace_set = 0;
  return handle != (void*)0x9000;
}

int cublasSetWorkspace_v2(void* handle, void* workspace, size_t bytes) {
  memset(workspace, 0, bytes);
  workspace_set = bytes;
  note("cublas workspace", (long)bytes);
  return handle != (void*)0x9000;
}

static float element(const void* matrix, int type, long index) {
  unsigned bits;
  float value;
  if (type == 0) {
    return ((const float*)matrix)[index];
  }
  bits = (unsigned)((const unsigned short*)matrix)[index] << 16;
  memcpy(&value, &bits, sizeof value);
  return value;
}

int cublasGemmEx(void* handle, int transa, int transb, int m, int n, int k, const float* alpha, const void* a, int atype, int lda,
                 const void* b, int btype, int ldb, const float* beta, float* c, int ctype, int ldc, int compute, int algorithm) {
  if (handle != (void*)0x9000 || !stream_set || !workspace_set || *alpha != 1 || *beta != 0 || ctype != 0 || compute != 68 || algorithm != -1) {
    return 7;
  }
  for (long i = 0; i < m; i++) {
    for (long j = 0; j < n; j++) {
      float sum = 0;
      for (long l = 0; l < k; l++) {
        float left = element(a, atype, transa ? l + i * lda : i + l * lda);
        float right = element(b, btype, transb ? j + l * ldb : l + j * ldb);
        sum += left * right;
      }
      c[i + j * ldc] = sum;
    }
  }
  return 0;
}

const char* cublasGetStatusName(int status) {
  return status == 3 ? "CUBLAS_STATUS_ALLOC_FAILED" : "CUBLAS_STATUS_OF_STUB";
}
