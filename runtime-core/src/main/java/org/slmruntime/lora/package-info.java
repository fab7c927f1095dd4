/**
 * Low-rank adapters (LoRA; Hu et al., 2021): small matrices that change what a model's linear
 * layers compute, from files to the graph.
 */
package org.slmruntime.lora;
