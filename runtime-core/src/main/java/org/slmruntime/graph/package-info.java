/**
 * What one step computes, as an immutable list of operations over symbolic row counts.
 *
 * <p>Every activation is a matrix of float32 whose rows are tokens (or wanted output rows) and
 * whose width is known when the graph is built, so shapes need no more than {@link
 * org.slmruntime.graph.Value}. Operations are the vocabulary of transformer and recurrent
 * architectures, not of one family. Backends switch over the sealed {@link
 * org.slmruntime.graph.Op}.
 */
package org.slmruntime.graph;
