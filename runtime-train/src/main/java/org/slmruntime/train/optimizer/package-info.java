/** How gradients become new weights: summed, clipped, stepped along. */
package org.slmruntime.train.optimizer;
