/** Training step after step: batches, schedule, validation, checkpoints. */
package org.slmruntime.train.loop;
