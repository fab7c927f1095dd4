/**
 * Training on the processor: the graph and its gradients in float32, by products of matrices and
 * vectors; {@link org.slmruntime.train.reference} is what it is held against.
 */
package org.slmruntime.train.cpu;
