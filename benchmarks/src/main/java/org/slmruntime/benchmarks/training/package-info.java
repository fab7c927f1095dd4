/** The speed of training steps, beside what the machine can multiply. */
package org.slmruntime.benchmarks.training;
