/** Small models from scratch: a shape, a vocabulary, first weights, and texts to learn from. */
package org.slmruntime.train.pretrain;
