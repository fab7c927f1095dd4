/** The compiled kernels: their PTX and the catalog of their entry points. */
package org.slmruntime.kernels;
