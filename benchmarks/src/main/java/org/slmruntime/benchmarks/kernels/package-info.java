/**
 * JMH benchmarks of single operations, compiled by the cpu backend as parts of a model are, beside
 * what the machine can do: reading memory and multiplying.
 */
package org.slmruntime.benchmarks.kernels;
