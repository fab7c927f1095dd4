/**
 * What every kernel uses: the vector widths, decoding of stored weights to float32, dot products,
 * the exponential. Kernels check nothing; their callers have.
 */
package org.slmruntime.cpu.vector;
