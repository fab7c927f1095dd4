/**
 * What a model is fine-tuned on: rows of JSON lines, as texts, as prompts with completions, or as
 * conversations in the model's own chat template, become examples that say which of their tokens
 * are to be learned.
 */
package org.slmruntime.train.data;
