package org.slmruntime.train.pretrain;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.slmruntime.format.Metadata;
import org.slmruntime.format.gguf.GgufWriter;
import org.slmruntime.tensor.DType;
import org.slmruntime.tokenizer.Tokenizer;
import org.slmruntime.tokenizer.Tokenizers;
import org.slmruntime.train.TrainException;
import org.slmruntime.train.tokenizer.BpeVocabulary;

/** A model that knows nothing yet, as a GGUF file with random weights in F32. */
public final class StartingModel {
  private StartingModel() {}

  /**
   * Writes the file, whole or not at all. {@link Random} draws the weights because its numbers are
   * part of its contract, so that a seed gives the same file on every JDK.
   *
   * @param name of the model, for its metadata
   */
  public static void write(
      Path file, String name, LlamaShape shape, BpeVocabulary vocabulary, long seed) {
    GgufWriter writer = new GgufWriter();
    shape.metadata().forEach(writer::put);
    writer.put("general.name", name);
    writer.put("llama.vocab_size", vocabulary.size());
    vocabulary.metadata().forEach(writer::put);
    writer.put("tokenizer.chat_template", chatTemplate());
    Random random = new Random(seed);
    for (LlamaShape.Tensor tensor : shape.tensors(vocabulary.size())) {
      writer.add(tensor.name(), DType.F32, tensor.dims(), values(tensor, random));
    }
    writer.write(file);
  }

  /** The tokenizer that is in the file. */
  static Tokenizer tokenizer(Metadata model) {
    return Tokenizers.fromGguf(model)
        .orElseThrow(() -> new TrainException(model.source() + ": has no tokenizer"));
  }

  private static float[] values(LlamaShape.Tensor tensor, Random random) {
    float[] values = new float[tensor.elements()];
    if (tensor.deviation() == 0) {
      Arrays.fill(values, 1);
    } else {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (tensor.deviation() * random.nextGaussian());
      }
    }
    return values;
  }

  /**
   * How a conversation becomes a text: with the special tokens of Llama 3, from the last question
   * on, for nothing longer is learned.
   */
  private static String chatTemplate() {
    try (InputStream in = StartingModel.class.getResourceAsStream("chat-template.jinja")) {
      if (in == null) {
        throw new IllegalStateException("resource chat-template.jinja is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
