#include "normalizer.h"
#include "pre_tokenizer.h"
#include "token_model.h"
namespace tamis::text {
static Error later(const char* what) { return Error{Code::kUnsupported, std::string(what) + ": not known"}; }
Result<std::unique_ptr<Normalizer>> make_replace(const NormalizerSpec&) { return later("normalizer Replace"); }
Result<std::unique_ptr<Normalizer>> make_charsmap(std::string_view) { return later("normalizer Precompiled"); }
Result<std::unique_ptr<PreTokenizer>> make_split(const PreTokenizerSpec&) { return later("pre_tokenizer Split"); }
Result<std::unique_ptr<TokenModel>> make_byte_pair(const ModelSpec&, const Vocabulary&, bool) {
  return later("model BPE");
}
Result<std::unique_ptr<TokenModel>> make_unigram(const ModelSpec&, const Vocabulary&) { return later("model Unigram"); }
}  // namespace tamis::text
