/** Choosing the next token from logits: parameters, and the per-request sampler. */
package org.slmruntime.sampling;
