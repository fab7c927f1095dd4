package org.slmruntime.ptx;

/**
 * A parameter of an entry.
 *
 * @param type as PTX names it, e.g. u64, f32, or b8 for a struct
 * @param bytes in all
 * @param offset in the parameter space
 */
public record PtxParameter(String name, String type, int bytes, int alignment, int offset) {}
