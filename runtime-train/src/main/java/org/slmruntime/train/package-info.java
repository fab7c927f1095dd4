/**
 * Training on the graph that inference runs. {@link org.slmruntime.train.TrainingBatch} is what a
 * step learns from; {@code gradient} differentiates a graph; {@code reference} is the float64
 * oracle that runs a graph and its gradients; {@code optimizer} turns gradients into new weights.
 */
package org.slmruntime.train;
