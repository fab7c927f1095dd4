// Loads of weights, AT bytes from an address. Streamed ones pass by the first-level cache: each byte is needed once. Cached ones share a sector with later loads.
#pragma once

template <int AT = 0>
__device__ __forceinline__ uint4 stream16(const void* p) {
  uint4 v;
  asm("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4 + %5];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "l"(p), "n"(AT));
  return v;
}
template <int AT = 0>
__device__ __forceinline__ uint2 stream8(const void* p) {
  uint2 v;
  asm("ld.global.nc.L1::no_allocate.v2.u32 {%0, %1}, [%2 + %3];" : "=r"(v.x), "=r"(v.y) : "l"(p), "n"(AT));
  return v;
}
template <int AT = 0>
__device__ __forceinline__ unsigned stream4(const void* p) {
  unsigned v;
  asm("ld.global.nc.L1::no_allocate.u32 %0, [%1 + %2];" : "=r"(v) : "l"(p), "n"(AT));
  return v;
}
template <int AT = 0>
__device__ __forceinline__ unsigned short stream2(const void* p) {
  unsigned short v;
  asm("ld.global.nc.L1::no_allocate.u16 %0, [%1 + %2];" : "=h"(v) : "l"(p), "n"(AT));
  return v;
}
template <int AT = 0>
__device__ __forceinline__ int stream_signed1(const void* p) {
  int v;
  asm("ld.global.nc.L1::no_allocate.s8 %0, [%1 + %2];" : "=r"(v) : "l"(p), "n"(AT));
  return v;
}
template <int AT = 0>
__device__ __forceinline__ unsigned cached4(const void* p) {
  unsigned v;
  asm("ld.global.nc.u32 %0, [%1 + %2];" : "=r"(v) : "l"(p), "n"(AT));
  return v;
}
template <int AT = 0>
__device__ __forceinline__ unsigned short cached2(const void* p) {
  unsigned short v;
  asm("ld.global.nc.u16 %0, [%1 + %2];" : "=h"(v) : "l"(p), "n"(AT));
  return v;
}
