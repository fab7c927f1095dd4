/** Finding the backends on the class path or module path and choosing among them. */
package org.slmruntime.backend;
