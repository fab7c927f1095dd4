/**
 * What this machine is: processor, memory, NVIDIA driver. Each question is answered with a result
 * or the reason why there is none, never with an exception.
 */
package org.slmruntime.natives;
