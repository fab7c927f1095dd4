/**
 * Programs as kernel launches: what each launch is given, which variant runs for how many tokens,
 * and what the memory of a step looks like.
 */
package org.slmruntime.cuda.run;
