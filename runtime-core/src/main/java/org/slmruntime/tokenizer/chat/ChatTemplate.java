package org.slmruntime.tokenizer.chat;

import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * A parsed Jinja template, set up as Hugging Face does for chat: trim_blocks, lstrip_blocks, loop
 * controls, raise_exception, strftime_now, no escaping of HTML. Immutable; threads may share it.
 */
public final class ChatTemplate {
  private final List<Statement> body;

  private ChatTemplate(List<Statement> body) {
    this.body = body;
  }

  /**
   * Parses a template.
   *
   * @throws TemplateException naming the line, if it is malformed, longer than {@link
   *     TemplateLimits#MAX_SOURCE} or nested too deeply
   */
  public static ChatTemplate parse(String source) {
    return new ChatTemplate(new Parser(source).parse());
  }

  /**
   * Renders the template.
   *
   * @param context the template's variables: values as {@link org.slmruntime.json.Json} gives them
   *     (and any integer or float type); they are copied first
   * @param clock what strftime_now shows, in its zone
   * @throws TemplateException naming the line, if the template fails, refuses its input ({@link
   *     TemplateException#raised}) or goes beyond a limit
   */
  public String render(Map<String, ?> context, Clock clock, TemplateLimits limits) {
    RenderState state = new RenderState(limits, clock);
    Scope scope = new Scope(Globals.scope());
    Values.fromMap(state, context).forEach((name, value) -> scope.set((String) name, value));
    return new Interpreter(state).renderBody(body, new Scope(scope));
  }

  /** The same with the system's clock and the default limits. */
  public String render(Map<String, ?> context) {
    return render(context, Clock.systemDefaultZone(), TemplateLimits.defaults());
  }
}
