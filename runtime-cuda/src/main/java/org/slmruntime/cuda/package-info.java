/**
 * The CUDA backend. A graph becomes a program of fused steps ({@code plan}), its weights get their
 * places ({@code weights}), and steps become launches ({@code run}) of the shipped kernels ({@code
 * kernel}) through the driver ({@code driver}).
 */
package org.slmruntime.cuda;
