/**
 * Chat templates: an interpreter for the Jinja2 language as Hugging Face sets it up (trim_blocks,
 * lstrip_blocks, loop controls, its own tojson). Templates come from model files and are hostile
 * input: they see JSON values only, never a Java object, and run under limits on steps, depth and
 * size.
 */
package org.slmruntime.tokenizer.chat;
