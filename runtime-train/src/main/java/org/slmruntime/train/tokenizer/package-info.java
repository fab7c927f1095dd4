/**
 * Learns a byte-level BPE vocabulary from texts: {@link org.slmruntime.train.tokenizer.BpeTrainer}
 * counts words and pairs, {@link org.slmruntime.train.tokenizer.BpeVocabulary} is the result, as a
 * model file keeps it.
 */
package org.slmruntime.train.tokenizer;
