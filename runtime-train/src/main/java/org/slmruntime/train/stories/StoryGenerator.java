package org.slmruntime.train.stories;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Tells little stories in English. A seed and a number give the same story always. Immutable;
 * threads may share it.
 */
public final class StoryGenerator {
  /** The fewest words a story has. */
  public static final int MIN_WORDS = 100;

  /** The most words a story has. */
  public static final int MAX_WORDS = 250;

  private static final List<String> FRAMES =
      List.of(
          "parts.txt",
          "arcs-things.txt",
          "arcs-friends.txt",
          "arcs-courage.txt",
          "arcs-nature.txt",
          "arcs-home.txt");
  private static final int MAX_DRAFTS = 100;

  private final long seed;
  private final Lexicon lexicon;
  private final Grammar grammar;

  public StoryGenerator(long seed) {
    this.seed = seed;
    this.lexicon = lexicon();
    this.grammar = grammar();
  }

  static Lexicon lexicon() {
    return Lexicon.parse(lines("lexicon.txt"));
  }

  static Grammar grammar() {
    return Grammar.parse(FRAMES.stream().map(StoryGenerator::lines).flatMap(List::stream).toList());
  }

  /** The story of a number. */
  public Story story(long number) {
    Draws draws = new Draws(seed, number);
    for (int draft = 0; draft < MAX_DRAFTS; draft++) {
      Telling telling = new Telling(grammar, lexicon, draws);
      String text = Prose.finish(telling.tell("story"));
      int words = wordCount(text);
      if (words >= MIN_WORDS && words <= MAX_WORDS) {
        return new Story(Prose.finish(telling.tell("request")), text);
      }
    }
    throw new IllegalStateException("no story of a fit length for number " + number);
  }

  /** All stories in order of their numbers, without end. */
  public Stream<Story> stories() {
    return LongStream.iterate(0, n -> n + 1).mapToObj(this::story);
  }

  static int wordCount(String text) {
    return text.split("\\s+", -1).length;
  }

  private static List<String> lines(String resource) {
    try (InputStream in = StoryGenerator.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("resource " + resource + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
