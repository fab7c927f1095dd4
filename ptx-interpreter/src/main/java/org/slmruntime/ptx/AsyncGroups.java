package org.slmruntime.ptx;

/** Copies of a warp that are under way. */
final class AsyncGroups {}
