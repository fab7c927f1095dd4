/**
 * Measurements: each kernel by itself against what the machine can do, and whole models beside
 * other programs.
 */
package org.slmruntime.benchmarks;
