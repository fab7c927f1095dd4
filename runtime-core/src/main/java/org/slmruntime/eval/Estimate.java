package org.slmruntime.eval;

/**
 * A mean over a sample.
 *
 * @param standardError of the mean; NaN for a sample of one
 */
public record Estimate(double mean, double standardError) {}
