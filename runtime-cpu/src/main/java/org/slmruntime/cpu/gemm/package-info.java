/** Products of float32 matrices that are computed, not stored: for training. */
package org.slmruntime.cpu.gemm;
