/**
 * GGUF, the container of llama.cpp (versions 2 and 3, little-endian, also split): read by memory
 * mapping with every bound checked before anything is used, and written.
 */
package org.slmruntime.format.gguf;
