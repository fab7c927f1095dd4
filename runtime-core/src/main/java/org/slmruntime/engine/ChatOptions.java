package org.slmruntime.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slmruntime.sampling.Sampling;

/**
 * How to answer a conversation. Immutable; each method gives a changed copy.
 *
 * @param sampling how tokens are chosen
 * @param tools JSON schemas of functions that the model may call, for the template; may be empty
 * @param variables for the template, over everything else (e.g. {@code enable_thinking})
 */
public record ChatOptions(
    Sampling sampling, List<Map<String, Object>> tools, Map<String, Object> variables) {
  public ChatOptions {
    tools = List.copyOf(tools);
    variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
  }

  /** {@link Sampling#defaults()}, no tools. */
  public static ChatOptions defaults() {
    return new ChatOptions(Sampling.defaults(), List.of(), Map.of());
  }

  public ChatOptions sampling(Sampling value) {
    return new ChatOptions(value, tools, variables);
  }

  public ChatOptions tools(List<Map<String, Object>> value) {
    return new ChatOptions(sampling, value, variables);
  }

  public ChatOptions variables(Map<String, Object> value) {
    return new ChatOptions(sampling, tools, value);
  }
}
