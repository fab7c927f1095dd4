/**
 * How good a model is: perplexity on a text, divergence from a reference model, accuracy on
 * multiple-choice questions. Logits become log-probabilities in float64 and are summed in a fixed
 * order, so a result is the same on each run.
 */
package org.slmruntime.eval;
