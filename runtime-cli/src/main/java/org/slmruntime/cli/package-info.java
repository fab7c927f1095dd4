/** The {@code slm} command: translates flags to the engine's types and prints what comes back. */
package org.slmruntime.cli;
