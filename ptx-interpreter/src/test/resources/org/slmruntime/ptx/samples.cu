// Kernels for CompiledKernelsTest. samples.ptx is made of it by
//   nvcc -arch=compute_80 -ptx -O3 --std=c++17 -o samples.ptx samples.cu
#include <cuda_bf16.h>
#include <cuda_fp16.h>

__device__ float warp_sum(float x) {
  for (int o = 16; o > 0; o >>= 1) x += __shfl_xor_sync(0xffffffffu, x, o);
  return x;
}

__device__ float block_sum(float x) {
  __shared__ float parts[32];
  x = warp_sum(x);
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = x;
  __syncthreads();
  x = threadIdx.x < blockDim.x / 32 ? parts[threadIdx.x] : 0.0f;
  if (threadIdx.x < 32) {
    x = warp_sum(x);
    if (threadIdx.x == 0) parts[0] = x;
  }
  __syncthreads();
  x = parts[0];
  __syncthreads();
  return x;
}

extern "C" __global__ void rms_norm(const float* __restrict__ x, const float* __restrict__ w, float* y, int n, float eps) {
  const float* row = x + (long long)blockIdx.x * n;
  float s = 0;
  for (int i = threadIdx.x; i < n; i += blockDim.x) s += row[i] * row[i];
  s = rsqrtf(block_sum(s) / n + eps);
  for (int i = threadIdx.x; i < n; i += blockDim.x) y[(long long)blockIdx.x * n + i] = row[i] * s * w[i];
}

extern "C" __global__ void soft_max(const float* x, float* y, int n) {
  __shared__ float most;
  float m = -INFINITY;
  if (threadIdx.x < 32) {
    for (int i = threadIdx.x; i < n; i += 32) m = fmaxf(m, x[i]);
    for (int o = 16; o > 0; o >>= 1) m = fmaxf(m, __shfl_xor_sync(0xffffffffu, m, o));
    if (threadIdx.x == 0) most = m;
  }
  __syncthreads();
  float s = 0;
  for (int i = threadIdx.x; i < n; i += blockDim.x) s += expf(x[i] - most);
  s = block_sum(s);
  for (int i = threadIdx.x; i < n; i += blockDim.x) y[i] = expf(x[i] - most) / s;
}

// One warp per row: 8-bit codes, a half scale per 32 columns, activations as 8-bit codes with float scales.
extern "C" __global__ void quantized_gemv(const int* codes, const half* scales, const int* x, const float* xs, float* y, int rows, int columns) {
  int row = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
  if (row >= rows) return;
  float s = 0;
  for (int g = threadIdx.x % 32; g < columns / 32; g += 32) {
    int dot = 0;
    const int4* a = (const int4*)(codes + ((long long)row * columns + g * 32) / 4);
    const int4* b = (const int4*)(x + g * 8);
    for (int i = 0; i < 2; i++) {
      int4 p = a[i], q = b[i];
      dot = __dp4a(p.x, q.x, __dp4a(p.y, q.y, __dp4a(p.z, q.z, __dp4a(p.w, q.w, dot))));
    }
    s += __half2float(scales[row * (columns / 32) + g]) * xs[g] * dot;
  }
  s = warp_sum(s);
  if (threadIdx.x % 32 == 0) y[row] = s;
}

// y [16 x 8 * warps] = a [16 x k] * b [8 * warps x k] transposed, with two stages of asynchronous copies.
extern "C" __global__ void __launch_bounds__(128) tensor_gemm(const __nv_bfloat16* a, const __nv_bfloat16* b, float* y, int k) {
  __shared__ __align__(16) __nv_bfloat16 ta[2][16][24];
  __shared__ __align__(16) __nv_bfloat16 tb[2][32][24];
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  auto stage = [&](int s, int at) {
    if (threadIdx.x < 96) {
      int r = threadIdx.x / 2, c = threadIdx.x % 2 * 8;
      __nv_bfloat16* to = r < 16 ? &ta[s][r][c] : &tb[s][r - 16][c];
      const __nv_bfloat16* from = r < 16 ? a + r * k + at + c : b + (r - 16) * k + at + c;
      asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"((unsigned)__cvta_generic_to_shared(to)), "l"(from) : "memory");
    }
    asm volatile("cp.async.commit_group;" ::: "memory");
  };
  float c[4] = {0, 0, 0, 0};
  stage(0, 0);
  for (int at = 0; at < k; at += 16) {
    int s = at / 16 % 2;
    if (at + 16 < k) stage(1 - s, at + 16);
    else asm volatile("cp.async.commit_group;" ::: "memory");
    asm volatile("cp.async.wait_group 1;" ::: "memory");
    __syncthreads();
    unsigned fa[4], fb[2];
    unsigned pa = (unsigned)__cvta_generic_to_shared(&ta[s][lane % 16][lane / 16 * 8]);
    unsigned pb = (unsigned)__cvta_generic_to_shared(&tb[s][warp * 8 + lane % 8][lane / 8 % 2 * 8]);
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];" : "=r"(fa[0]), "=r"(fa[1]), "=r"(fa[2]), "=r"(fa[3]) : "r"(pa) : "memory");
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0,%1}, [%2];" : "=r"(fb[0]), "=r"(fb[1]) : "r"(pb) : "memory");
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(fa[0]), "r"(fa[1]), "r"(fa[2]), "r"(fa[3]), "r"(fb[0]), "r"(fb[1]));
    __syncthreads();
  }
  int n = warp * 8 + lane % 4 * 2;
  for (int i = 0; i < 4; i++) y[(lane / 4 + i / 2 * 8) * 32 + n + i % 2] = c[i];
}

__device__ __noinline__ double poly(double x, int n) {
  double s = 0;
  for (int i = 0; i < n; i++) s = s * x + i;
  return s;
}

__constant__ int table[8] = {3, 1, 4, 1, 5, 9, 2, 6};

// A bit of everything: a switch, a call, indexed local memory, constants, 64-bit division, sine with its slow path.
extern "C" __global__ void mixture(const float* x, double* y, long long divisor, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  int local[8];
  for (int j = 0; j < 8; j++) local[j] = table[(i + j) % 8] * j;
  double s;
  switch (i % 5) {
    case 0: s = sinf(x[i]); break;
    case 1: s = poly(x[i], 5); break;
    case 2: s = (double)((long long)(x[i] * 1e9f) / divisor); break;
    case 3: s = local[(int)fabsf(x[i]) & 7]; break;
    default: s = powf(fabsf(x[i]) + 1, 1.5f); break;
  }
  y[i] = s;
}

// Packed halves: y = max(a * b + c, 0), and the last block sums what all blocks found.
extern "C" __global__ void packed_halves(const half2* a, const half2* b, const half2* c, half2* y, float* sums, unsigned* counter, int n) {
  float s = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    half2 v = __hmax2(__hfma2(a[i], b[i], c[i]), __float2half2_rn(0));
    y[i] = v;
    s += __low2float(v) + __high2float(v);
  }
  s = block_sum(s);
  __shared__ bool last;
  if (threadIdx.x == 0) {
    sums[1 + blockIdx.x] = s;
    __threadfence();
    last = atomicAdd(counter, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && threadIdx.x == 0) {
    float total = 0;
    for (int i = 0; i < gridDim.x; i++) total += ((volatile float*)sums)[1 + i];
    sums[0] = total;
  }
}
