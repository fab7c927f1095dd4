/**
 * One class per stored format: how its bytes become float32, exactly as ggml computes them
 * (products and sums rounded to float32 in the same order), and how most formats are written.
 */
package org.slmruntime.quant;
