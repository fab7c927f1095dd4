package org.slmruntime.cuda.run;

/** Queues the launches of one step of a program. Allocates nothing once each shape was seen. */
@FunctionalInterface
interface Task {
  void run(StepShape shape, long stream);
}
