/** The CUDA backend: for now its probe. */
package org.slmruntime.cuda;
