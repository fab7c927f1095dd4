/**
 * Matrix products with weights in any stored format: those that are packed with activations of 8
 * bits, all others with float32.
 *
 * <p>With packed weights see {@link org.slmruntime.cpu.packed}. Every other product, alone or in a
 * batch, is computed in one order: a row's weights are decoded to float32, lane by lane multiplied
 * into one accumulator per row and token, and the lanes are summed at the end. F16 has an order of
 * columns of its own ({@link org.slmruntime.cpu.vector.WordOrder}), in all of them the same. So
 * what a token gets does not depend on how many others are in the step. There are three ways to do
 * it. A few tokens are multiplied with weights as they are read ({@link
 * org.slmruntime.cpu.matmul.DirectProduct}) or with a few decoded rows ({@link
 * org.slmruntime.cpu.matmul.DecodedProduct}); many with panels of decoded rows ({@link
 * org.slmruntime.cpu.matmul.PanelProduct}).
 */
package org.slmruntime.cpu.matmul;
