#pragma once

#include <fmt/format.h>
#include <tamis/encode/splade_encoder.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/scratch_folder.h"
#include "windows.h"

namespace tamis::encode {

/// A network of 40 tokens with seeded random weights (tests/models/fixtures) and a vocabulary of as many pieces, few
/// enough that random texts repeat and overlap.
class TinyModel {
 public:
  explicit TinyModel(std::string_view fixture = "bert") {
    std::filesystem::copy(std::filesystem::path(TAMIS_FIXTURES) / fixture, path(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
    std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
    for (const auto* piece :
         {"a",    "b",    "c",    "d",   "e",   "##a", "##b",    "##c",    "##d",  "##e", "ab",    "cd",
          "##ea", "bead", "deed", "abc", ".",   ",",   "!",      "-",      "'",    "sun", "##s",   "the",
          "of",   "1",    "2",    "##1", "##2", "é",   "\u4e2d", "\u00df", "##ce", "dad", "\ufffd"}) {
      vocabulary += piece;
      vocabulary += '\n';
    }
    write("vocab.txt", vocabulary);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  void write(std::string_view name, std::string_view content) const {
    std::ofstream(path() / name, std::ios::binary) << content;
  }

 private:
  testing::ScratchFolder folder_;
};

[[nodiscard]] inline models::EncoderOptions at(tensor::Precision precision, Isa level = usable_isa()) {
  models::EncoderOptions options;
  options.precision = precision;
  options.level = level;
  return options;
}

/// Words of the vocabulary and not of it, marks, blanks, zero bytes, broken UTF-8.
[[nodiscard]] inline std::string random_text(std::mt19937& rng, std::size_t most_pieces) {
  static const std::vector<std::string> kPieces = {
      "a", "b",  "bead", "deed", "abc", "dad", "ab", "cd",    " ",        " ",    " ",
      " ", " ",  ".",    ",",    "!",   "sun", "of", "The ",  "12",       "É",    "é",
      "ß", "中", "z",    "'",    "\t",  "\n",  "-",  "[SEP]", " [MASK] ", "\xff", "\xe4\xb8"};
  std::string out;
  for (std::size_t i = rng() % (most_pieces + 1); i > 0; --i) out += kPieces[rng() % kPieces.size()];
  if (rng() % 20 == 0) out += '\0';
  return out;
}

/// The definition: a text's windows one by one, the maximum of each term, then the heaviest.
class SlowSplade {
 public:
  SlowSplade(const std::filesystem::path& folder, const models::EncoderOptions& options)
      : tokenizer_(text::Tokenizer::open(folder).value()),
        encoder_(models::Encoder::load(models::describe_folder(folder).value(), options).value()) {}

  [[nodiscard]] sparse::SparseVector encode(std::string_view text, const SpladeConfig& config) const {
    text::Tokenizer::Scratch scratch;
    std::vector<text::Tokenizer::Token> tokens;
    tokenizer_.encode(text, scratch, tokens);
    const std::size_t special = tokenizer_.prefix().size() + tokenizer_.suffix().size();
    if (config.max_tokens != 0 && tokens.size() > config.max_tokens - special)
      tokens.resize(config.max_tokens - special);
    const std::size_t whole = config.window_tokens == 0 ? encoder_.description().max_tokens : config.window_tokens;
    const std::size_t room = whole - special;
    std::size_t count = 0;
    while (count * room < tokens.size()) ++count;
    std::map<TermId, float> best;
    for (std::size_t i = 0; i < count; ++i) {
      const std::vector<text::Tokenizer::Token> part(
          tokens.begin() + static_cast<long>(tokens.size() * i / count),
          tokens.begin() + static_cast<long>(tokens.size() * (i + 1) / count));
      for (const auto& [term, weight] : window(part, config)) best[term] = std::max(best[term], weight);
    }
    std::vector<std::pair<float, TermId>> order;
    for (const auto& [term, weight] : best) order.emplace_back(-weight, term);
    std::sort(order.begin(), order.end());
    if (config.top != 0 && order.size() > config.top) order.resize(config.top);
    std::map<TermId, float> kept;
    for (const auto& [weight, term] : order) kept[term] = -weight;
    sparse::SparseVector out;
    for (const auto& [term, weight] : kept) {
      out.terms.push_back(term);
      out.weights.push_back(weight);
    }
    return out;
  }

 private:
  [[nodiscard]] std::map<TermId, float> window(const std::vector<text::Tokenizer::Token>& tokens,
                                               const SpladeConfig& config) const {
    std::vector<std::uint32_t> ids(tokenizer_.prefix().begin(), tokenizer_.prefix().end());
    for (const auto& token : tokens) ids.push_back(token.id);
    ids.insert(ids.end(), tokenizer_.suffix().begin(), tokenizer_.suffix().end());
    models::SparseOptions options;
    options.threshold = config.threshold;
    const models::TokenSpan batch[] = {ids};
    std::vector<tensor::PassageTerms> found(1);
    models::EncoderScratch scratch;
    if (!encoder_.encode_sparse(batch, options, found, scratch)) return {};
    std::map<TermId, float> out;
    for (std::size_t i = 0; i < found[0].terms.size(); ++i) out[found[0].terms[i]] = found[0].weights[i];
    return out;
  }

  text::Tokenizer tokenizer_;
  models::Encoder encoder_;
};

[[nodiscard]] inline bool same(const sparse::SparseVector& a, const sparse::SparseVector& b) {
  return a.terms == b.terms && a.weights == b.weights;
}

[[nodiscard]] inline std::vector<std::string_view> views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

/// The vector of one text.
[[nodiscard]] inline sparse::SparseVector encode_one(const sparse::TextEncoder& encoder, std::string_view text) {
  const std::string_view texts[] = {text};
  std::vector<sparse::SparseVector> out(1);
  auto status = encoder.make_worker()->encode(texts, out);
  if (!status) throw_error(status.error());
  return out[0];
}

}  // namespace tamis::encode
