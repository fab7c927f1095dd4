/** The CUDA backend. */
package org.slmruntime.cuda;
