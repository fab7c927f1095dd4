package org.slmruntime.ptx;

/**
 * A variable of a module or function.
 *
 * @param space global, const, shared, local or param
 * @param bytes 0 for an array whose size the launch decides
 * @param initial its first bytes, empty if it has none
 */
record Variable(String space, String name, int alignment, int bytes, byte[] initial) {}
