/** Weights in device memory: where each lies, and how it gets there. */
package org.slmruntime.cuda.weights;
