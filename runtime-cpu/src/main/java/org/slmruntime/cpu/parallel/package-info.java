/** A team of threads that runs short parallel regions. */
package org.slmruntime.cpu.parallel;
