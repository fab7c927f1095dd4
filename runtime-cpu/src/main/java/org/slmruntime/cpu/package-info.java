/**
 * The CPU backend: the Vector API on all cores. {@link org.slmruntime.cpu.CpuBackendProvider}
 * touches vector classes only after it has seen that the module is there.
 */
package org.slmruntime.cpu;
