/**
 * Safetensors, the container of Hugging Face: read by memory mapping with every bound checked
 * before anything is used, and written.
 *
 * <p>A file is the length of its header (u64), the header (JSON: type, shape and place of each
 * tensor by name, and texts under {@code __metadata__}), and the tensors' bytes without gaps.
 * Source: the format's description in the README of github.com/huggingface/safetensors.
 */
package org.slmruntime.format.safetensors;
