/**
 * Training on the graph that inference runs. {@link org.slmruntime.train.TrainingBatch} is what a
 * step learns from; {@code gradient} differentiates a graph; {@code reference} is the float64
 * oracle that runs a graph and its gradients; {@code optimizer} turns gradients into new weights. A
 * model from scratch has its vocabulary from {@code tokenizer} and can learn from {@code stories}.
 * {@code chart} draws how it went.
 */
package org.slmruntime.train;
