/** The operations between the matrix products: embedding, norms, rope, element-wise functions. */
package org.slmruntime.cpu.ops;
