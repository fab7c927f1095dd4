package org.slmruntime.cuda.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slmruntime.cuda.driver.GpuDriver.GemmLibrary;
import org.slmruntime.cuda.plan.Step;
import org.slmruntime.cuda.weights.DeviceWeights;

/** Turns a program's steps into launches. */
final class Lowering {
  private Lowering() {}

  /**
   * A task per step, after those that come before the first.
   *
   * @param before angles and whatever else all steps rely on
   */
  record Tasks(List<Task> before, List<Task> steps) {
    void run(StepShape shape, long stream) {
      for (int i = 0; i < before.size(); i++) {
        before.get(i).run(shape, stream);
      }
      for (int i = 0; i < steps.size(); i++) {
        steps.get(i).run(shape, stream);
      }
    }
  }

  static Tasks lower(Blueprint plan, Optional<GemmLibrary> gemm, Sites sites, Addresses addresses) {
    DeviceWeights weights = plan.weights();
    SingleTasks singles = new SingleTasks(sites, addresses, weights);
    PreparedInput.Holder prepared = new PreparedInput.Holder();
    List<Task> before = new ArrayList<>();
    before.add((_, _) -> prepared.clear());
    plan.workspace().angles().keySet().forEach(table -> before.add(singles.angles(table)));
    List<Task> steps = new ArrayList<>();
    for (Step step : plan.program().steps()) {
      steps.add(
          switch (step) {
            case Step.Product p -> new ProductTask(p, gemm, prepared, sites, addresses, weights);
            case Step.Append a -> new AppendTask(a, sites, addresses, weights);
            case Step.Single s -> singles.task(s);
          });
    }
    return new Tasks(List.copyOf(before), List.copyOf(steps));
  }
}
