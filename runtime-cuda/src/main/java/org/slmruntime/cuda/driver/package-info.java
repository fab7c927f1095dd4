/**
 * The border to NVIDIA's driver: one interface of what the backend needs from it. Nothing outside
 * this package names a native binding.
 */
package org.slmruntime.cuda.driver;
