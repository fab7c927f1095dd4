/**
 * Paged grouped-query attention. Every query walks its sequence's cache blocks in order with an
 * online softmax (Milakov and Gimelshein, 2018), so its result does not depend on which other
 * queries share the step.
 */
package org.slmruntime.cpu.attention;
