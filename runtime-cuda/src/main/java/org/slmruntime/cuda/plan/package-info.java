/**
 * What a step computes on the device, before anything is allocated: which operations run together,
 * where their results lie, and which weights they read in which order.
 */
package org.slmruntime.cuda.plan;
