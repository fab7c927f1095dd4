package org.slmruntime.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slmruntime.backend.reference.ReferenceBackendProvider;
import org.slmruntime.backend.spi.Backend;
import org.slmruntime.backend.spi.BackendOptions;
import org.slmruntime.backend.spi.Plan;
import org.slmruntime.backend.spi.PlanOptions;
import org.slmruntime.backend.spi.ProgressListener;
import org.slmruntime.backend.spi.StepInput;
import org.slmruntime.backend.spi.ValueObserver;
import org.slmruntime.format.gguf.GgufFile;
import org.slmruntime.model.Model;
import org.slmruntime.model.Models;
import org.slmruntime.tensor.DType;

/** Greedy decoding with nothing between it and a plan, as an oracle for the engine. */
final class GreedyLoop {
  private GreedyLoop() {}

  static List<Integer> run(Path file, int[] prompt, int count) {
    PlanOptions limits =
        new PlanOptions(
            prompt.length, 1, 1, 16, 16, DType.F16, ValueObserver.NONE, ProgressListener.NONE);
    try (GgufFile gguf = GgufFile.open(file);
        Backend backend = new ReferenceBackendProvider().open(BackendOptions.defaults())) {
      Model model = Models.build(gguf);
      try (Plan plan = backend.compile(model.graph(), model.weights(), limits)) {
        return decode(plan, model.vocabulary(), prompt, count);
      }
    }
  }

  private static List<Integer> decode(Plan plan, int vocabulary, int[] prompt, int count) {
    int[] blocks = {3, 1, 4, 15, 9, 2, 6, 5, 0, 7, 8, 10, 11, 12, 13, 14};
    List<Integer> tokens = new ArrayList<>();
    int[] feed = prompt;
    int position = 0;
    StepInput input = new StepInput();
    while (tokens.size() < count) {
      input.clear();
      input.beginSequence(blocks, blocks.length);
      for (int i = 0; i < feed.length; i++) {
        input.addToken(feed[i], position++, i == feed.length - 1);
      }
      float[] logits = plan.step(input);
      int best = 0;
      for (int id = 1; id < vocabulary; id++) {
        best = logits[id] > logits[best] ? id : best;
      }
      tokens.add(best);
      feed = new int[] {best};
    }
    return tokens;
  }
}
