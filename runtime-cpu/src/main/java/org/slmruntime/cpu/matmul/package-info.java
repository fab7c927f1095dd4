/**
 * Matrix products of float32 activations with weights in any stored format.
 *
 * <p>Every product, alone or in a batch, is computed in one order: a row's weights are decoded to
 * float32, lane by lane multiplied into one accumulator per row and token, and the lanes are summed
 * at the end. So what a token gets does not depend on how many others are in the step.
 */
package org.slmruntime.cpu.matmul;
