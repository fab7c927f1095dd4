package org.slmruntime.eval;

/**
 * How well a model predicts a text: a perplexity of 7 means that it is as unsure of the next token
 * as of a throw of a fair die with 7 sides.
 *
 * @param tokens how many were scored
 * @param surprise mean negative log-likelihood of a token, in nats
 */
public record Perplexity(long tokens, Estimate surprise) {
  /** The exponential of the mean surprise; infinite where that is beyond a double. */
  public double value() {
    return Math.exp(surprise.mean());
  }

  /** The same with its standard error, to first order in the surprise's. */
  public Estimate estimate() {
    return new Estimate(value(), value() * surprise.standardError());
  }
}
