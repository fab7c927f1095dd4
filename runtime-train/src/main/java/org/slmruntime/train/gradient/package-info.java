/**
 * Reverse-mode differentiation (Linnainmaa, 1970) as a pass over the graph: from a {@link
 * org.slmruntime.graph.Graph} and the weights to train comes an immutable list of {@link
 * org.slmruntime.train.gradient.Gradient}s in execution order, which says what is computed, what of
 * the forward pass it reads, and where results are added up. A {@link
 * org.slmruntime.train.gradient.Schedule} says when values are computed, perhaps again, and
 * forgotten. Neither holds numbers, so that several executors can run them.
 */
package org.slmruntime.train.gradient;
