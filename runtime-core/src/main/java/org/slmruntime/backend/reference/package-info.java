/**
 * The scalar backend: complete, slow, obvious, and the oracle for the others. Sums are accumulated
 * in float64 and rounded once, so that what differs from it by more than rounding is wrong.
 */
package org.slmruntime.backend.reference;
