package org.slmruntime.train.finetune;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.slmruntime.train.TrainException;

/** The linear layers of a block that an adapter can change. */
public enum Target {
  Q("q_proj"),
  K("k_proj"),
  V("v_proj"),
  O("o_proj"),
  GATE("gate_proj"),
  UP("up_proj"),
  DOWN("down_proj");

  private static final String ALL = "all";

  private final String module;

  Target(String module) {
    this.module = module;
  }

  /** The end of the name that transformers has for the layers. */
  String module() {
    return module;
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
