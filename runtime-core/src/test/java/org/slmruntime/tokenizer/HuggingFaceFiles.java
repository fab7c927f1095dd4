package org.slmruntime.tokenizer;

/** Small tokenizer.json texts that use most components. */
final class HuggingFaceFiles {
  private HuggingFaceFiles() {}

  /** Byte-level BPE as GPT-2 and Llama 3 have it. */
  static final String BPE =
      """
      {"added_tokens": [
         {"id": 8, "content": "<|end|>", "special": true, "normalized": false},
         {"id": 9, "content": "[x]", "special": false, "lstrip": true, "rstrip": true}],
       "normalizer": {"type": "Sequence", "normalizers": [
         {"type": "NFC"},
         {"type": "Replace", "pattern": {"String": "Z"}, "content": "a"},
         {"type": "Strip", "strip_left": false, "strip_right": false}]},
       "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
         {"type": "Split", "pattern": {"Regex": "\\\\s?\\\\p{L}+|\\\\s+"}, "behavior": "Isolated"},
         {"type": "Digits", "individual_digits": true},
         {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]},
       "post_processor": {"type": "TemplateProcessing",
         "single": [{"Sequence": {"id": "A"}}, {"SpecialToken": {"id": "<|end|>"}}],
         "special_tokens": {"<|end|>": {"id": "<|end|>", "ids": [8], "tokens": ["<|end|>"]}}},
       "decoder": {"type": "ByteLevel"},
       "model": {"type": "BPE", "unk_token": null, "ignore_merges": false,
         "vocab": {"a": 0, "b": 1, "c": 2, "Ġ": 3, "ab": 4, "Ġa": 5, "abc": 6, "1": 7},
         "merges": ["a b", ["ab", "c"], "Ġ a"]}}
      """;

  /** SentencePiece unigram as T5 has it. */
  static final String UNIGRAM =
      """
      {"added_tokens": [{"id": 1, "content": "</s>", "special": true}],
       "normalizer": {"type": "Sequence", "normalizers": [
         {"type": "Nmt"}, {"type": "Lowercase"},
         {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]},
       "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"},
       "post_processor": {"type": "TemplateProcessing",
         "single": [{"Sequence": {"id": "A"}}, {"SpecialToken": {"id": "</s>"}}],
         "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}},
       "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"},
       "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false,
         "vocab": [["<unk>", 0.0], ["</s>", 0.0], ["▁", -2.0], ["▁a", -1.5], ["b", -2.5],
           ["ab", -2.25]]}}
      """;

  /** BERT. */
  static final String WORD_PIECE =
      """
      {"added_tokens": [
         {"id": 0, "content": "[UNK]", "special": true},
         {"id": 1, "content": "[CLS]", "special": true},
         {"id": 2, "content": "[SEP]", "special": true},
         {"id": 3, "content": "[MASK]", "special": true, "lstrip": true}],
       "normalizer": {"type": "BertNormalizer", "lowercase": true},
       "pre_tokenizer": {"type": "BertPreTokenizer"},
       "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
       "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
       "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
         "max_input_chars_per_word": 100,
         "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "[MASK]": 3, "un": 4, "##want": 5,
           "##ed": 6, "run": 7, "##ning": 8, ",": 9}}}
      """;
}
