/**
 * What every kernel uses: the vector widths, stored weights, dot products, the exponential. Kernels
 * check nothing; their callers have.
 *
 * <p>C2 stops inlining methods at some 18,000 nodes of its graph, and a vector that goes into or
 * comes out of a method that is not inlined is allocated. Only the Vector API's own methods are
 * exempt. So kernels pass arrays to each other, not vectors: what looks like a helper's work is
 * written out. Conversions take the first lanes of a vector, since those from other parts of it
 * need six times the nodes.
 */
package org.slmruntime.cpu.vector;
