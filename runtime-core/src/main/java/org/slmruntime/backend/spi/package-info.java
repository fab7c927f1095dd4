/**
 * What a backend implements: probing, compiling a graph for a device, and running steps. The engine
 * decides what a step contains; a backend decides how it is computed.
 */
package org.slmruntime.backend.spi;
