/** Model files of real shapes and formats with random weights. */
package org.slmruntime.benchmarks.models;
