package org.slmruntime.testkit;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.slmruntime.tensor.DType;

/** Harms a GGUF file where it hurts: counts, lengths, types, offsets, sizes, hyperparameters. */
final class GgufHarm {
  private static final int U32 = 4;
  private static final int F32 = 6;
  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;
  private static final int I64 = 11;
  private static final int F64 = 12;
  private static final long MOST_BYTES = 1 << 18;

  private static final long[] ODD = {
    0,
    1,
    2,
    3,
    5,
    7,
    8,
    31,
    33,
    63,
    64,
    255,
    256,
    4095,
    4096,
    65_535,
    1 << 20,
    1 << 24,
    1L << 27,
    Integer.MAX_VALUE,
    1L << 31,
    0xffffffffL,
    1L << 32,
    1L << 40,
    1L << 61,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1,
    -2,
    -32
  };
  private static final double[] ODD_NUMBERS = {
    0,
    -0.0,
    1,
    -1,
    0.5,
    1e-45,
    1e-30,
    3e38,
    -3e38,
    1e300,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY
  };
  private static final String[] KEYS = {
    "block_count",
    "context_length",
    "embedding_length",
    "feed_forward_length",
    "attention.head_count",
    "attention.head_count_kv",
    "attention.key_length",
    "attention.value_length",
    "attention.layer_norm_rms_epsilon",
    "attention.scale",
    "rope.dimension_count",
    "rope.freq_base",
    "rope.scaling.type",
    "rope.scaling.factor",
    "rope.scale_linear",
    "rope.scaling.attn_factor",
    "rope.scaling.original_context_length",
    "rope.scaling.yarn_ext_factor",
    "rope.scaling.yarn_attn_factor",
    "rope.scaling.yarn_beta_fast",
    "rope.scaling.yarn_beta_slow",
    "rope.scaling.yarn_log_multiplier",
    "expert_count",
    "vocab_size"
  };
  private static final String[] OTHER_KEYS = {
    "general.architecture",
    "general.alignment",
    "general.name",
    "split.no",
    "split.count",
    "split.tensors.count",
    "tokenizer.ggml.model",
    "tokenizer.ggml.pre",
    "tokenizer.ggml.tokens",
    "tokenizer.ggml.scores",
    "tokenizer.ggml.token_type",
    "tokenizer.ggml.merges",
    "tokenizer.ggml.bos_token_id",
    "tokenizer.ggml.eos_token_id",
    "tokenizer.ggml.unknown_token_id",
    "tokenizer.ggml.padding_token_id",
    "tokenizer.ggml.add_bos_token",
    "tokenizer.ggml.add_space_prefix",
    "tokenizer.chat_template",
    "tokenizer.chat_templates"
  };
  private static final String[] TEXTS = {
    "",
    "llama",
    "qwen2",
    "qwen3",
    "yarn",
    "linear",
    "none",
    "gpt2",
    "bert",
    "t5",
    "no_vocab",
    "a\nb",
    "\u001b[31m",
    "{% for i in range(10) %}{{ i }}{% endfor %}",
    "{{",
    "\0",
    "<0x41>"
  };

  private final GgufParts file;
  private final RandomGenerator random;

  GgufHarm(GgufParts file, RandomGenerator random) {
    this.file = file;
    this.random = random;
  }

  /** A harmed copy's bytes. */
  byte[] harmed() {
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      harm();
    }
    byte[] bytes = file.build(random.nextInt(4) > 0);
    return random.nextInt(20) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
  }

  private void harm() {
    // A lie in the header hides whatever else is wrong: few of those.
    switch (random.nextInt(40)) {
      case 0 -> file.extraEntries = odd();
      case 1 -> file.extraTensors = odd();
      case 2 -> file.version = (int) odd();
      case 3 -> file.entries.add(file.entries.get(anEntry()));
      case 4 -> file.tensors.add(file.tensors.get(aTensor()));
      case 5 -> retypeEntry();
      case 6, 7 -> file.entries.remove(anEntry());
      case 8, 9 -> file.tensors.remove(aTensor());
      case 10, 11 -> scrambleEntry();
      case 12, 13 -> swapValues();
      case 14, 15, 16, 17, 18 -> put(OTHER_KEYS[random.nextInt(OTHER_KEYS.length)], oddValue());
      case 19, 20, 21, 22, 23, 24, 25 -> harmTensor();
      default -> putHyperparameter();
    }
  }

  private long odd() {
    return ODD[random.nextInt(ODD.length)];
  }

  private int anEntry() {
    return GgufParts.pick(file.entries, random);
  }

  private int aTensor() {
    return GgufParts.pick(file.tensors, random);
  }

  private void putHyperparameter() {
    String architecture = new String[] {"llama", "qwen2", "qwen3"}[random.nextInt(3)];
    for (GgufParts.Entry entry : file.entries) {
      if (entry.key().endsWith(".block_count")) {
        architecture = entry.key().substring(0, entry.key().indexOf('.'));
      }
    }
    String key = architecture + "." + KEYS[random.nextInt(KEYS.length)];
    put(key, oddValue());
  }

  /** Replaces the entry of the same key, or adds it. */
  private void put(String key, GgufParts.Entry value) {
    file.entries.removeIf(entry -> entry.key().equals(key));
    file.entries.add(new GgufParts.Entry(key, value.type(), value.value()));
  }

  private GgufParts.Entry oddValue() {
    GgufParts.Output out = new GgufParts.Output();
    int type =
        new int[] {U32, U32, U32, F32, F32, F64, I64, STRING, BOOL, ARRAY}[random.nextInt(10)];
    switch (type) {
      case U32 -> out.i32((int) odd());
      case I64 -> out.i64(odd());
      case F32 ->
          out.i32(Float.floatToRawIntBits((float) ODD_NUMBERS[random.nextInt(ODD_NUMBERS.length)]));
      case F64 ->
          out.i64(Double.doubleToRawLongBits(ODD_NUMBERS[random.nextInt(ODD_NUMBERS.length)]));
      case BOOL -> out.write(random.nextInt(3));
      case STRING -> out.text(TEXTS[random.nextInt(TEXTS.length)]);
      default -> oddArray(out);
    }
    return new GgufParts.Entry("", type, out.toByteArray());
  }

  private void oddArray(GgufParts.Output out) {
    int element = random.nextInt(14);
    int count = random.nextInt(4);
    out.i32(element);
    out.i64(random.nextInt(4) == 0 ? odd() : count);
    for (int i = 0; i < count; i++) {
      switch (element) {
        case 0, 1, BOOL -> out.write(1);
        case STRING -> out.text(TEXTS[random.nextInt(TEXTS.length)]);
        case ARRAY -> {
          out.i32(ARRAY);
          out.i64(1);
        }
        case I64, F64, 10 -> out.i64(odd());
        default -> out.i32((int) odd());
      }
    }
  }

  private void retypeEntry() {
    int at = anEntry();
    GgufParts.Entry entry = file.entries.get(at);
    int type = random.nextInt(8) == 0 ? (int) odd() : random.nextInt(13);
    file.entries.set(at, new GgufParts.Entry(entry.key(), type, entry.value()));
  }

  private void scrambleEntry() {
    int at = anEntry();
    GgufParts.Entry entry = file.entries.get(at);
    byte[] value = entry.value().clone();
    for (int i = random.nextInt(8); i >= 0; i--) {
      value[random.nextInt(Math.min(value.length, 64))] = (byte) random.nextInt(256);
    }
    file.entries.set(at, new GgufParts.Entry(entry.key(), entry.type(), value));
  }

  private void swapValues() {
    int a = anEntry();
    int b = anEntry();
    GgufParts.Entry first = file.entries.get(a);
    GgufParts.Entry second = file.entries.get(b);
    file.entries.set(a, new GgufParts.Entry(first.key(), second.type(), second.value()));
    file.entries.set(b, new GgufParts.Entry(second.key(), first.type(), first.value()));
  }

  private void harmTensor() {
    int at = aTensor();
    GgufParts.Tensor t = file.tensors.get(at);
    String name = t.name();
    long[] dims = t.dims().clone();
    int type = t.type();
    long offset = t.offset();
    switch (random.nextInt(7)) {
      case 0 -> name = file.tensors.get(aTensor()).name();
      case 1 -> name = TEXTS[random.nextInt(TEXTS.length)] + "x".repeat(random.nextInt(70));
      case 2 -> dims[random.nextInt(dims.length)] = odd();
      case 3 -> dims = Arrays.copyOf(dims, random.nextInt(6));
      case 4 -> type = random.nextInt(44);
      case 5 -> offset = random.nextBoolean() ? odd() : file.tensors.get(aTensor()).offset();
      default -> random.nextBytes(t.data());
    }
    byte[] data = random.nextInt(4) == 0 ? t.data() : fitting(dims, type, t.data());
    file.tensors.set(at, new GgufParts.Tensor(name, dims, type, offset, data));
  }

  /** As many bytes as the description asks for, so that the harm is met further on. */
  private static byte[] fitting(long[] dims, int type, byte[] data) {
    DType known = DType.ofGgmlId(type);
    double elements = Arrays.stream(dims).asDoubleStream().reduce(1, (a, b) -> a * b);
    if (known == null || !(elements >= 1 && elements <= MOST_BYTES)) {
      return data;
    }
    long blocks = Math.ceilDiv((long) elements, known.blockElements());
    return Arrays.copyOf(data, (int) (blocks * known.blockBytes()));
  }
}
