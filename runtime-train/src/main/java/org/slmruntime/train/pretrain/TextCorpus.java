package org.slmruntime.train.pretrain;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slmruntime.format.Metadata;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.loop.Example;

/**
 * The texts of a file, in UTF-8, each followed by a line {@value #SEPARATOR} (as TinyStories has
 * them, Eldan and Li, 2023). Of twenty the last is for validation.
 *
 * @param source of the texts, for messages
 * @param texts none of them blank
 */
public record TextCorpus(String source, List<String> texts) implements Corpus {
  static final String SEPARATOR = "<|endoftext|>";

  /** Bytes of a file, at most. */
  public static final long MAX_BYTES = 1L << 28;

  private static final Pattern SEPARATORS = Pattern.compile("(?m)^<\\|endoftext\\|>\\s*$");
  private static final int VALIDATION_SHARE = 20;

  public TextCorpus {
    texts = List.copyOf(texts);
    if (texts.isEmpty()) {
      throw new TrainException(source + ": has no text");
    }
  }

  /**
   * Reads a file.
   *
   * @throws TrainException if it is too large, no UTF-8, or blank
   */
  public static TextCorpus read(Path file) throws IOException {
    long bytes = Files.size(file);
    if (bytes > MAX_BYTES) {
      throw new TrainException(file + ": has " + bytes + " bytes; at most " + MAX_BYTES);
    }
    try {
      return new TextCorpus(
          file.toString(),
          SEPARATORS
              .splitAsStream(Files.readString(file))
              .map(String::strip)
              .filter(text -> !text.isEmpty())
              .toList());
    } catch (CharacterCodingException e) {
      throw new TrainException(file + ": is no UTF-8 text", e);
    }
  }

  @Override
  public String description() {
    return texts.size() + " texts with hash " + Integer.toHexString(texts.hashCode());
  }

  @Override
  public int count() {
    return texts.size() - texts.size() / VALIDATION_SHARE;
  }

  @Override
  public Stream<String> vocabularyTexts() {
    return texts.stream();
  }

  @Override
  public Examples examples(Metadata model, int context) {
    Tokenizer tokenizer = StartingModel.tokenizer(model);
    List<Example> training = encode(texts.subList(0, count()), tokenizer, context);
    List<Example> validation = encode(texts.subList(count(), texts.size()), tokenizer, context);
    return new Examples() {
      @Override
      public int count() {
        return training.size();
      }

      @Override
      public Example get(int index) {
        return training.get(index);
      }

      @Override
      public List<Example> validation() {
        return validation;
      }
    };
  }

  private static List<Example> encode(List<String> texts, Tokenizer tokenizer, int context) {
    List<Example> examples = new ArrayList<>();
    for (String text : texts) {
      int[] begun = tokenizer.withBos(tokenizer.encode(text, false, false));
      int[] ids = Arrays.copyOf(begun, begun.length + 1);
      ids[begun.length] = tokenizer.eosId().orElseThrow();
      // Pieces overlap by one token, which one predicts and the next one reads.
      for (int from = 0; from < ids.length - 1; from += context) {
        examples.add(Example.of(Arrays.copyOfRange(ids, from, end(ids, from, context))));
      }
    }
    return examples;
  }

  private static int end(int[] ids, int from, int context) {
    return Math.min(ids.length - from, context + 1) + from;
  }
}
