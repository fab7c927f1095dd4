/** The shipped kernels on an opened device. */
package org.slmruntime.cuda.kernel;
