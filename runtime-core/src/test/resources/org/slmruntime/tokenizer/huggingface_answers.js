// Records what Hugging Face's own library answers to small tokenizers, as huggingface_answers.json
// beside this file. Needs the npm package "tokenizers" 0.23 and, for decoding, where 0.23 shows
// normalized texts of added tokens, "@anush008/tokenizers" 0.6 (the library's 0.22).
const fs = require('fs');
const newer = require('tokenizers').Tokenizer;
const older = require('@anush008/tokenizers').Tokenizer;

const added = (id, content, flags = {}) => Object.assign(
    {id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: false}, flags);
const chars = (text, more = {}) => Object.assign(
    {}, Object.fromEntries([...new Set(['<unk>', ...text])].map((c, i) => [c, i])), more);
const level = (vocab) => ({type: 'WordLevel', unk_token: '<unk>', vocab});
const bpe = (vocab, merges, more = {}) => Object.assign({type: 'BPE', dropout: null, unk_token: null,
    continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false,
    ignore_merges: false, vocab, merges}, more);
const split = (Regex, behavior = 'Isolated', invert = false) =>
    ({type: 'Split', pattern: {Regex}, behavior, invert});
const letters = chars('abcABC 12.,éÅ▁#');
const all = {version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: null,
    pre_tokenizer: null, post_processor: null, decoder: null};

const tokenizers = {
  wordLevel: [{model: level(chars('ab', {hello: 3})), pre_tokenizer: {type: 'WhitespaceSplit'}},
      ['hello a  b', 'hello unknown', '']],
  addedTokensAreUnknownToTheModel: [{model: bpe({a: 0, b: 1, ab: 2}, ['a b'], {ignore_merges: true}),
      added_tokens: [added(3, 'abb', {single_word: true})]}, ['abb', 'xabb', 'aabb', 'ab abb']],
  rightStripGoesOnInItsSpaces: [{model: bpe(letters, []), added_tokens: [added(16, '  ', {rstrip: true})]},
      ['a     b', 'a  b', 'a   ']],
  bothStripsTakeTheRunOnce: [{model: bpe(letters, []),
      added_tokens: [added(16, '  ', {rstrip: true, lstrip: true}), added(17, '[x]', {lstrip: true, rstrip: true})]},
      ['a      b', 'a [x] [x] b', ' [x]']],
  aWordMatchIsNotShortened: [{model: bpe(letters, []),
      added_tokens: [added(16, 'ab'), added(17, 'abc', {single_word: true})]},
      ['abca', 'abc', 'ab', 'abc\u200d', '\u200cabc', 'abc²', 'abc٣', 'a abc,']],
  normalizedTokensAreNormalized: [{model: bpe(letters, []), normalizer: {type: 'Lowercase'},
      added_tokens: [added(16, 'ABC', {normalized: true}), added(17, 'CA')]},
      ['abc ABC', 'aBcCAca']],
  lastRankOfAMergeCounts: [{model: bpe({a: 0, b: 1, c: 2, ab: 3, bc: 4}, ['a b', 'b c', 'a b'])}, ['abc', 'abab']],
  twoMergesWithOneResult: [{model: bpe({a: 0, b: 1, c: 2, ab: 3, bc: 4, abc: 5}, ['ab c', 'a bc', 'b c', 'a b'])},
      ['abc', 'ababcbc']],
  bytesOfDecoratedCharacters: [{model: bpe(Object.assign({a: 0, 'a_': 1, '@a': 2, '<unk>': 3},
      Object.fromEntries([...Array(256).keys()].map(i => ['<0x' + i.toString(16).toUpperCase().padStart(2, '0') + '>', i + 4]))),
      [], {byte_fallback: true, unk_token: '<unk>', continuing_subword_prefix: '@', end_of_word_suffix: '_'})},
      ['aab', 'é', 'aéa', 'baa']],
  bytesOvertakeAnUnknown: [{model: bpe({a: 0, '<unk>': 1, '<0xC3>': 2, '<0xA9>': 3}, [],
      {byte_fallback: true, unk_token: '<unk>'})}, ['xéa', 'xyéa', 'xéy', 'éx']],
  fusedUnknownsAroundBytes: [{model: bpe({a: 0, '<unk>': 1, '<0xC3>': 2, '<0xA9>': 3}, [],
      {byte_fallback: true, unk_token: '<unk>', fuse_unk: true})}, ['xéya', 'xyaz']],
  unigramUnknownToken: [{model: {type: 'Unigram', unk_id: 0, byte_fallback: false,
      vocab: [['<unk>', 0], ['a', -1], ['b', -2], ['xy', -3]]}}, ['<unk>', 'a<unk>za', 'xy', 'xyx', 'zxy']],
  unigramUnknownTokenInBytes: [{model: {type: 'Unigram', unk_id: 0, byte_fallback: true, vocab: [['<unk>', 0], ['a', -1],
      ...[...Array(256).keys()].map(i => ['<0x' + i.toString(16).toUpperCase().padStart(2, '0') + '>', 0])]}},
      ['<unk>', 'a<unk>za']],
  stripAccentsTakesAllMarks: [{model: bpe(chars('aह'), []), normalizer: {type: 'StripAccents'}},
      ['a\u0301', 'हि', 'a\u0488', 'á']],
  bertKeepsUnassigned: [{model: level(chars('a\u0378')), normalizer: {type: 'BertNormalizer', clean_text: true,
      handle_chinese_chars: true, strip_accents: null, lowercase: true}}, ['\u0378', 'a\u0001', '\u200da', '\ue000a']],
  metaspaceFirst: [{model: level(chars('ab▁', {'▁a': 10, '▁b': 11})), pre_tokenizer: {type: 'Sequence', pretokenizers: [
      {type: 'Whitespace'}, {type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true}]}},
      ['a b', ' a b', 'a']],
  whitespaceWords: [{model: level(chars('ab²', {'a\u200db': 10, 'a²': 11, 'a٣': 12})), pre_tokenizer: {type: 'Whitespace'}},
      ['a\u200db', 'a²', 'a٣', 'a ½b']],
  charDelimiter: [{model: level(chars('ab.')), pre_tokenizer: {type: 'CharDelimiterSplit', delimiter: '.'}}, ['a.b', '.a..b.']],
  unicodeScripts: [{model: level({'<unk>': 0, '日本': 1, 'にほん': 2, 'abc ': 3, 'ー': 4, '日にー': 5, 'a': 6, '。': 7, ' a': 8}),
      pre_tokenizer: {type: 'UnicodeScripts'}}, ['日にーabc 日本', ' a', 'a。', '日本 にほん', 'abc 日本']],
  fixedLength: [{model: level(chars('ab', {'abab': 5, 'a😀b': 6})), pre_tokenizer: {type: 'FixedLength', length: 4}},
      ['ababab', 'abab', '', 'a😀b']],
  splitAtNothing: [{model: bpe(letters, []), pre_tokenizer: split('(?<=[a-z])(?=[A-Z])')}, ['abCaB']],
  metaspaceDecoder: [{model: level({'<unk>': 0, '▁a▁b': 1, '▁': 2, ' c': 3}), decoder: {type: 'Metaspace',
      replacement: '▁', prepend_scheme: 'always', split: true}}, [], [[1, 2, 1], [2, 2, 3], [3, 1]]],
  byteFallbackDecoder: [{model: level({'<unk>': 0, '<0xC3>': 1, '<0xA9>': 2, '▁a': 3, 'b': 4, '<0x41>': 5}),
      decoder: {type: 'Sequence', decoders: [{type: 'Replace', pattern: {String: '▁'}, content: ' '}, {type: 'ByteFallback'},
      {type: 'Fuse'}, {type: 'Strip', content: ' ', start: 1, stop: 0}]}}, [], [[3, 1, 2, 3], [1, 3], [5, 1, 2], [5, 1, 4], [2]]],
  badBytesAreTokensEach: [{model: level({'<unk>': 0, '<0xC3>': 1, '<0xA9>': 2, a: 3}), decoder: {type: 'Sequence', decoders: [
      {type: 'ByteFallback'}, {type: 'WordPiece', prefix: '##', cleanup: false}]}}, [], [[3, 1, 1, 2], [1, 2, 3]]],
  stripDecoder: [{model: level({'<unk>': 0, 'aba': 1, 'aa': 2, 'b': 3}), decoder: {type: 'Strip', content: 'a', start: 1, stop: 1}},
      [], [[1, 2, 3], [2]]],
  bpeDecoder: [{model: level({'<unk>': 0, 'a</w>': 1, 'b': 2}), decoder: {type: 'BPEDecoder', suffix: '</w>'}},
      [], [[1, 2, 1], [1]]],
  ctcDecoder: [{model: level({'<pad>': 0, h: 1, e: 2, l: 3, o: 4, '|': 5, '<unk>': 6}), decoder: {type: 'CTC',
      pad_token: '<pad>', word_delimiter_token: '|', cleanup: true}}, [], [[0, 1, 1, 2, 3, 0, 3, 4, 4, 5, 5, 1]]],
};

const text = "Ab  cD9 12345 x²_é'S\u017f\n\r\n日本語ー a-b (c) ½\u00a0\u0378😀K\u212ai\u0130\tz\n";
const patterns = ['^.', '.$', '\\A.|.\\z', '.\\Z', '\\b', '\\B.', '\\bc|b\\b', '(?<=[a-z])[A-Z]', '(?<![a-z ])\\p{L}',
    '(?<=b) +', '\\d{1,3}(?=(?:\\d{3})*\\b)', '\\p{N}{1,3}(?=(?:\\p{N}{3})*(?!\\p{N}))', '\\s+$', '[a-z]++', '\\p{L}?+\\d',
    '\\d{1,2}+', '\\d{2}?', '\\d{,2}5', 'x{', '(?>\\d+)', '(?>ab)', '(?i)s|K', 'a(?i)B|x', '(?i:k)', '(?i:[^s])', '(?i:i)',
    '(?m:.)+', '(?-i:a)', '(?#no)a', '(?<n>a)', '[\\p{L}&&\\p{Han}]+', '[^\\s&&[^\\n]]+', '[a-z&&[^c]]+', '[[:punct:]]',
    '[[:^alpha:]]+', '[[:upper:][:digit:]]', '[\\w]+', '\\w+', '[^\\w\\s]', '\\h+', '\\R', '\\N+', '\\p{Alphabetic}+',
    '\\p{han}', '\\p{Uppercase_Letter}', '\\p{Emoji}', '\\p{^L}+', '[]x]', '[a^-]'];

(async () => {
  const out = {tokenizers: {}, text, patterns: {}};
  for (const [name, [json, texts, ids]] of Object.entries(tokenizers)) {
    const file = JSON.stringify(Object.assign({}, all, json));
    const tokenizer = newer.fromString(file);
    const encoded = {};
    for (const t of texts) encoded[t] = (await tokenizer.encode(t, null, {addSpecialTokens: false})).getIds();
    const decoded = [];
    for (const i of ids || []) decoded.push({ids: i, text: await older.fromString(file).decode(i, true)});
    out.tokenizers[name] = {file: Object.assign({}, all, json), encoded, decoded};
  }
  for (const p of patterns) {
    const file = Object.assign({}, all, {model: level({'<unk>': 0}), pre_tokenizer: split(p)});
    out.patterns[p] = newer.fromString(JSON.stringify(file)).getPreTokenizer().preTokenizeString(text).map(x => x[0]);
  }
  fs.writeFileSync(__dirname + '/huggingface_answers.json', JSON.stringify(out, null, 0).replace(/("encoded"|"decoded"|"file"|"[^"]*":\{"file")/g, '\n$1') + '\n');
})();
