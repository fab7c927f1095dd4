/** A GPU driver for tests, which interprets the shipped PTX. */
package org.slmruntime.cuda.testing;
