package org.slmruntime.cuda.plan;

/**
 * Where a value lies: {@code width} columns of a buffer from column {@code column}.
 *
 * @param buffer index within the program
 */
public record View(int buffer, int column) {}
