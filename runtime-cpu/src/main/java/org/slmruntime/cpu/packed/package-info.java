/**
 * Weights laid out anew when a model is loaded, so that vector lanes are rows of the matrix. Rows
 * come in panels of as many as a vector has 16-bit lanes; a panel is one stream of chunks of up to
 * 256 columns, each its scales and then its codes. Activations are rounded to 8 bits, and products
 * are summed in integers, exactly, so that one token alone and many together give the same bits.
 *
 * <p>Where a panel's rows are floats, the even ones come first and then the odd ones: a vector of
 * 16-bit sums, taken as 32-bit lanes, has an even row in the low half and an odd one in the high.
 */
package org.slmruntime.cpu.packed;
