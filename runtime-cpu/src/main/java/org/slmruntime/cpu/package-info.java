/**
 * The CPU backend on the Vector API: a graph becomes a list of instructions over fixed buffers, run
 * by a team of threads.
 */
package org.slmruntime.cpu;
