/**
 * Paged grouped-query attention. The past of a sequence is cut into pieces at fixed positions; the
 * softmax of each piece gives a partial result, and these are merged in order of position (Milakov
 * and Gimelshein, 2018; flash decoding). So pieces can go to different threads, and a token's
 * result still does not depend on which other tokens share the step, nor on the number of threads.
 */
package org.slmruntime.cpu.attention;
