/**
 * Fine-tuning by low-rank adapters (LoRA; Hu et al., 2021): the model's own weights stay as they
 * are stored, quantized ones too (as in QLoRA; Dettmers et al., 2023), and small matrices beside
 * its linear layers learn.
 */
package org.slmruntime.train.finetune;
