package org.slmruntime.eval;

/**
 * How often a model finds the right choice most likely.
 *
 * @param questions how many were asked
 * @param accuracy by the log-likelihood of each choice; {@code acc} of the LM Evaluation Harness
 * @param normalizedAccuracy by the log-likelihood per character, so that long choices are not worse
 *     for being long; {@code acc_norm} of the harness
 * @param chance expected of a model that guesses
 */
public record ChoiceAccuracy(
    long questions, Estimate accuracy, Estimate normalizedAccuracy, double chance) {}
