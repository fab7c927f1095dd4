/** Whole models on slm and on other programs, in turns, and what came out. */
package org.slmruntime.benchmarks.compare;
