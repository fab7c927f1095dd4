package org.slmruntime.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * One message of a conversation, as chat templates see it. Immutable.
 *
 * @param role {@code system}, {@code user}, {@code assistant}, {@code tool} or what else the
 *     model's template knows
 * @param content the text
 * @param extra further keys that some templates read ({@code tool_calls}, {@code name} ...), with
 *     values of JSON: strings, numbers, booleans, null, lists and maps
 */
public record Message(String role, String content, Map<String, Object> extra) {
  public Message {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(content, "content");
    extra = Collections.unmodifiableMap(new LinkedHashMap<>(extra));
  }

  public static Message system(String content) {
    return new Message("system", content, Map.of());
  }

  public static Message user(String content) {
    return new Message("user", content, Map.of());
  }

  public static Message assistant(String content) {
    return new Message("assistant", content, Map.of());
  }

  /** What a tool answered. */
  public static Message tool(String content) {
    return new Message("tool", content, Map.of());
  }

  Map<String, Object> variables() {
    Map<String, Object> variables = new LinkedHashMap<>();
    variables.put("role", role);
    variables.put("content", content);
    variables.putAll(extra);
    return variables;
  }
}
