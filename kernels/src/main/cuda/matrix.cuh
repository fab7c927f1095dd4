// Matrices as kernels take them.
#pragma once

// Planes of rows, `pitch` bytes apart; unused planes are null.
struct Matrix {
  const void* plane[4];
  int pitch[4];
};
