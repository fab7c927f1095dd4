package org.slmruntime.train.pretrain;

import java.util.List;
import java.util.stream.Stream;
import org.slmruntime.format.Metadata;
import org.slmruntime.train.loop.Example;

/** Texts to learn from. Immutable. */
public sealed interface Corpus permits StoryCorpus, TextCorpus {
  /** Says which texts these are, for a training that is resumed. */
  String description();

  /** How many texts there are to learn from. */
  int count();

  /** What a vocabulary is learned from. */
  Stream<String> vocabularyTexts();

  /**
   * The texts as tokens.
   *
   * @param model metadata of a model with a tokenizer and a chat template
   * @param context tokens that an example has at most, but for the last that is only predicted
   */
  Examples examples(Metadata model, int context);

  /** Tokens of the texts. Not thread-safe. */
  interface Examples {
    /** How many there are to learn from. */
    int count();

    /** One of them. */
    Example get(int index);

    /** Others, to validate with; may be empty. */
    List<Example> validation();
  }
}
