/**
 * Text to token ids and back. A tokenizer is a pipeline, as in Hugging Face's library: added tokens
 * are cut out, the rest is normalized, split into pieces, and each piece is encoded by a model
 * (BPE, SentencePiece BPE, unigram, WordPiece). GGUF metadata and tokenizer.json build the same
 * parts. Everything here is linear (or n log n) in the text.
 */
package org.slmruntime.tokenizer;
