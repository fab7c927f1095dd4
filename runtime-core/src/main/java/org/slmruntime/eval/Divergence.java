package org.slmruntime.eval;

/**
 * How far a model is from a reference on a text, over the scored tokens. Divergences are
 * Kullback-Leibler's of the model's next-token distribution from the reference's, {@code sum
 * p_reference (ln p_reference - ln p_model)}, in nats: what is lost by taking the model for it.
 *
 * @param model the model's own perplexity
 * @param reference the reference's, over the same tokens
 * @param logLikelihoodDifference of a token, the model's less the reference's, in nats; its error
 *     is that of paired samples, and smaller than either perplexity's
 * @param mean of the divergence
 * @param median of the divergence
 * @param percentile99 of the divergence, between its neighbours where it falls between two
 * @param max of the divergence
 * @param sameTop share of tokens for which both find the same one most likely, in 0..1
 */
public record Divergence(
    Perplexity model,
    Perplexity reference,
    Estimate logLikelihoodDifference,
    Estimate mean,
    double median,
    double percentile99,
    double max,
    Estimate sameTop) {}
