/**
 * The scalar float64 executor of a graph, its loss and its gradients: slow, obvious, and the oracle
 * for the fast ones. Loops read like the formulas; each file has an operation and its derivative
 * side by side. All gradients are added to arrays that start at zero.
 */
package org.slmruntime.train.reference;
