/**
 * Executes PTX as a GPU would, and fails where a GPU would be wrong in silence: out-of-bounds and
 * misaligned accesses, uninitialised reads, races, divergent collectives, missing waits. A tool for
 * tests: nothing that ships depends on it.
 */
package org.slmruntime.ptx;
