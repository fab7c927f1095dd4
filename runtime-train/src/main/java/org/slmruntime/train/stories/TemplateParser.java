package org.slmruntime.train.stories;

import java.util.ArrayList;
import java.util.List;

/**
 * Parses a sentence frame:
 *
 * <pre>{@code
 * {hero}  {hero.his}  {Hero.he}    a word of a role, with a capital if the role has one
 * (big|large)  (very|)             one of several, perhaps nothing
 * <thanks hero friend>             an alternative of a rule, with its roles
 * {=thing:things toy -loud}        casts a role from a table, by tags
 * {!hero.mood=sad}                 changes an attribute
 * }</pre>
 */
final class TemplateParser {
  private final String text;
  private int at;

  private TemplateParser(String text) {
    this.text = text;
  }

  static Template parse(String text) {
    TemplateParser parser = new TemplateParser(text);
    Template template = parser.sequence();
    if (parser.at < text.length()) {
      throw parser.wrong("\"" + text.charAt(parser.at) + "\" closes nothing");
    }
    return template;
  }

  private Template sequence() {
    List<Template> parts = new ArrayList<>();
    while (at < text.length() && "|)}>".indexOf(text.charAt(at)) < 0) {
      parts.add(
          switch (text.charAt(at)) {
            case '(' -> choice();
            case '<' -> call(until('>'));
            case '{' -> braces(until('}'));
            default -> plain();
          });
    }
    return parts.size() == 1 ? parts.getFirst() : new Template.Sequence(parts);
  }

  private Template plain() {
    int from = at;
    while (at < text.length() && "(<{|)}>".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return new Template.Text(text.substring(from, at));
  }

  private Template choice() {
    List<Template> options = new ArrayList<>();
    do {
      at++;
      options.add(sequence());
    } while (at < text.length() && text.charAt(at) == '|');
    if (at == text.length() || text.charAt(at++) != ')') {
      throw wrong("a choice has no end");
    }
    return new Template.Choice(options);
  }

  private String until(char end) {
    int to = text.indexOf(end, at);
    if (to < 0) {
      throw wrong("\"" + end + "\" is missing");
    }
    String inside = text.substring(at + 1, to);
    at = to + 1;
    return inside;
  }

  private static Template call(String inside) {
    List<String> words = words(inside);
    return new Template.Call(words.getFirst(), words.subList(1, words.size()));
  }

  private Template braces(String inside) {
    return switch (inside.charAt(0)) {
      case '=' -> cast(words(inside.substring(1)));
      case '!' -> {
        String[] parts = parts(inside.substring(1), '=');
        String[] path = parts(parts[0], '.');
        yield new Template.Assign(path[0], path[1], parts[1]);
      }
      default -> word(inside);
    };
  }

  private Template cast(List<String> words) {
    String[] head = parts(words.getFirst(), ':');
    return new Template.Cast(head[0], head[1], words.subList(1, words.size()));
  }

  private static Template word(String inside) {
    int dot = inside.indexOf('.');
    String role = dot < 0 ? inside : inside.substring(0, dot);
    String attribute = dot < 0 ? Entity.NAME : inside.substring(dot + 1);
    boolean capital = Character.isUpperCase(role.charAt(0));
    return new Template.Word(
        Character.toLowerCase(role.charAt(0)) + role.substring(1), attribute, capital);
  }

  private String[] parts(String joined, char separator) {
    int cut = joined.indexOf(separator);
    if (cut <= 0) {
      throw wrong("\"" + joined + "\" has no " + separator);
    }
    return new String[] {joined.substring(0, cut), joined.substring(cut + 1)};
  }

  private static List<String> words(String text) {
    return List.of(text.strip().split(" +", -1));
  }

  private IllegalStateException wrong(String problem) {
    return new IllegalStateException(problem + " at " + at + " in: " + text);
  }
}
