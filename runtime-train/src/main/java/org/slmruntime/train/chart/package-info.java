/** Draws how a training went, as SVG without a library. */
package org.slmruntime.train.chart;
