#pragma once

// (cos, sin) of an angle in radians. Whole quarter turns are taken off in double, where angles of 10^9 still have
// seven digits after the point; the rest, within an eighth of a turn, goes through Taylor series in float. Differences
// of products are written as fmaf: the driver's compiler may fuse plain ones or not, and bits must not depend on it.
__device__ __forceinline__ float2 unit(double angle) {
  double quarters = angle * 0.63661977236758134308;
  double whole = rint(quarters);
  float x = (float)(quarters - whole) * 1.5707963267948966f;
  float xx = x * x;
  float sine = x + x * xx * (-1.6666667e-1f + xx * (8.3333333e-3f + xx * (-1.9841270e-4f + xx * 2.7557319e-6f)));
  float cosine = fmaf(-xx, fmaf(-xx, fmaf(-xx, fmaf(-xx, 2.4801587e-5f, 1.3888889e-3f), 4.1666667e-2f), 0.5f), 1);
  int quadrant = (int)((long long)whole & 3);
  float a = quadrant & 1 ? sine : cosine;
  float b = quadrant & 1 ? cosine : sine;
  return {quadrant == 1 || quadrant == 2 ? -a : a, quadrant >= 2 ? -b : b};
}

// Rotates pair number `pair` of a head. Pairing 0: elements (i, i + pairs), 1: (2i, 2i + 1). out may be in.
__device__ __forceinline__ void rotate(
    const float* in, float* out, float2 angle, int pair, int pairs, int pairing) {
  int i = pairing == 0 ? pair : 2 * pair;
  int j = pairing == 0 ? pair + pairs : 2 * pair + 1;
  float a = in[i];
  float b = in[j];
  out[i] = fmaf(a, angle.x, -(b * angle.y));
  out[j] = fmaf(a, angle.y, b * angle.x);
}
