/**
 * Regular expressions for pre-tokenizers, matched without backtracking: one pass over the text per
 * match through a lazily built automaton, so that hostile text costs no more than any other. The
 * syntax is what published tokenizers use (Oniguruma's common part); anything else is refused.
 */
package org.slmruntime.tokenizer.regex;
