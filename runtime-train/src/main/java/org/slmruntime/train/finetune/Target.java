package org.slmruntime.train.finetune;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.slmruntime.graph.Node;
import org.slmruntime.train.TrainException;

/** The linear layers of a block that an adapter can change. */
public enum Target {
  Q("attn_q"),
  K("attn_k"),
  V("attn_v"),
  O("attn_output"),
  GATE("ffn_gate"),
  UP("ffn_up"),
  DOWN("ffn_down");

  private static final String ALL = "all";

  private final String node;

  Target(String node) {
    this.node = node;
  }

  /** Whether a node of a graph is this layer, in whichever block. */
  boolean is(Node candidate) {
    return candidate.layer() >= 0 && candidate.name().equals(node);
  }

  /**
   * Reads names with commas between them, or {@code all}.
   *
   * @throws TrainException naming what is no target
   */
  public static Set<Target> parse(String text) {
    if (text.strip().equals(ALL)) {
      return EnumSet.allOf(Target.class);
    }
    Set<Target> targets = EnumSet.noneOf(Target.class);
    for (String name : text.split(",", -1)) {
      targets.add(
          Arrays.stream(values())
              .filter(target -> target.toString().equals(name.strip()))
              .findFirst()
              .orElseThrow(
                  () ->
                      new TrainException(
                          "'" + name.strip() + "' is no target; they are " + names(values()))));
    }
    return Collections.unmodifiableSet(targets);
  }

  private static String names(Target[] targets) {
    return ALL
        + " or of "
        + Arrays.stream(targets).map(Target::toString).collect(Collectors.joining(","));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
