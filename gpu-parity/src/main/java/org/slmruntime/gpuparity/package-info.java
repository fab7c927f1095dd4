/**
 * What runs on a machine with a GPU, to be sure of what the interpreter promised: conformance on
 * the real driver, the interpreter against the GPU, measurements, and a report of all.
 */
package org.slmruntime.gpuparity;
