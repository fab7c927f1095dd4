/**
 * Packed weights kept in files, so that a model that is opened again need not be packed again. A
 * file is written once, to the side, and then renamed; it is only ever replaced, never changed. It
 * is mapped and its sums are checked before anything of it is used.
 */
package org.slmruntime.cpu.packed.file;
