package org.slmruntime.train.reference;

import java.util.Map;
import org.slmruntime.graph.Weight;

/**
 * What a batch says of a model.
 *
 * @param loss in nats
 * @param gradients of the loss with respect to each trained weight, in the weight's shape
 */
public record TrainingStep(double loss, Map<Weight, double[]> gradients) {}
