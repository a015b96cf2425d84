#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

#include "splade_model.h"
#include "windows.h"

namespace tamis::encode {
namespace {

using sparse::SparseVector;
using sparse::TermOrigin;

/// Tokens that the network gets at a time; a group ends with the text that reaches its share.
constexpr std::size_t kGroupTokens = 3584;

/// One window of one text of a call.
struct Piece {
  std::size_t text = 0;
  std::size_t first_id = 0, num_ids = 0;  ///< in the call's ids
  Window window;                          ///< in the text's tokens
};

/// A term as a window has it.
struct Found {
  TermId term = 0;
  float weight = 0.0F;
  TermOrigin origin;
};

class SpladeWorker final : public sparse::TextEncoder::Worker {
 public:
  SpladeWorker(std::shared_ptr<const SpladeEncoder::Model> model, SpladeSettings settings)
      : model_(std::move(model)), settings_(std::move(settings)) {}

  [[nodiscard]] Status encode(std::span<const std::string_view> texts, std::span<SparseVector> out) override {
    if (texts.size() != out.size()) return Error{Code::kInvalidArgument, "one vector a text is wanted"};
    try {
      return encode_texts(texts, out);
    } catch (const std::bad_alloc&) {
      return Error{Code::kExhausted, "not enough memory to encode"};
    }
  }

  [[nodiscard]] Status explain(std::string_view text, SparseVector& out, std::vector<TermOrigin>& origins) override {
    if (model_->encoder.description().pooling != tensor::Pooling::kMax) {
      return Error{Code::kUnsupported, "the model sums over tokens: no weight comes from one of them"};
    }
    try {
      return explain_text(text, out, origins);
    } catch (const std::bad_alloc&) {
      return Error{Code::kExhausted, "not enough memory to encode"};
    }
  }

 private:
  /// Cuts a text into tokens_, and these into pieces_ with their ids.
  [[nodiscard]] Status add_text(std::string_view text, std::size_t number) {
    if (text.size() > kMaxTextBytes) {
      return Error{Code::kInvalidArgument,
                   fmt::format("text {}: {} bytes (wanted at most {})", number, text.size(), kMaxTextBytes)};
    }
    tokens_.clear();
    if (!settings_.prompt.empty()) {
      joined_.assign(settings_.prompt).append(text);
      text = joined_;
    }
    model_->tokenizer.encode(text, tokenizer_scratch_, tokens_);
    const bool empty = tokens_.empty() || tokens_.back().end <= settings_.prompt.size();
    const std::size_t tokens = empty ? 0 : std::min(tokens_.size(), settings_.limit);
    const std::size_t count = num_windows(tokens, settings_.room);
    const auto prefix = model_->tokenizer.prefix();
    const auto suffix = model_->tokenizer.suffix();
    for (std::size_t i = 0; i < count; ++i) {
      Piece piece{number, ids_.size(), 0, nth_window(tokens, count, i)};
      ids_.insert(ids_.end(), prefix.begin(), prefix.end());
      for (std::size_t t = piece.window.begin; t < piece.window.end; ++t) ids_.push_back(tokens_[t].id);
      ids_.insert(ids_.end(), suffix.begin(), suffix.end());
      piece.num_ids = ids_.size() - piece.first_id;
      pieces_.push_back(piece);
    }
    return ok();
  }

  void clear() {
    ids_.clear();
    pieces_.clear();
  }

  [[nodiscard]] Status encode_texts(std::span<const std::string_view> texts, std::span<SparseVector> out) {
    clear();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      TAMIS_TRY_OK(add_text(texts[i], i));
      out[i].terms.clear();
      out[i].weights.clear();
    }
    const std::size_t groups = std::max<std::size_t>(1, num_windows(ids_.size(), kGroupTokens));
    const std::size_t share = num_windows(ids_.size(), groups);
    for (std::size_t first = 0; first < pieces_.size();) {
      std::size_t last = first;
      for (std::size_t sum = 0; last < pieces_.size() && sum < share; ++last) sum += pieces_[last].num_ids;
      TAMIS_TRY_OK(run_network(first, last, settings_.terms));
      for (std::size_t i = first; i < last; ++i) take(found_[i - first], out[pieces_[i].text]);
      first = last;
    }
    for (auto& vector : out) keep_top(vector, settings_.terms.top_n);
    return ok();
  }

  /// Runs pieces [first, last); their terms are in found_ then.
  [[nodiscard]] Status run_network(std::size_t first, std::size_t last, const models::SparseOptions& options) {
    batch_.clear();
    for (std::size_t i = first; i < last; ++i) {
      batch_.push_back(std::span(ids_).subspan(pieces_[i].first_id, pieces_[i].num_ids));
    }
    if (found_.size() < batch_.size()) found_.resize(batch_.size());
    return model_->encoder.encode_sparse(batch_, options, std::span(found_).first(batch_.size()), scratch_);
  }

  /// The windows of a text come one after the other.
  static void take(const tensor::PassageTerms& found, SparseVector& out) {
    if (out.terms.empty()) {
      out.terms = found.terms;
      out.weights = found.weights;
    } else {
      merge_max(out, found);
    }
  }

  [[nodiscard]] Status explain_text(std::string_view text, SparseVector& out, std::vector<TermOrigin>& origins) {
    clear();
    TAMIS_TRY_OK(add_text(text, 0));
    auto options = settings_.terms;
    options.positions = true;
    std::vector<Found> all;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      TAMIS_TRY_OK(run_network(i, i + 1, options));
      const auto& terms = found_.front();
      for (std::size_t t = 0; t < terms.terms.size(); ++t) {
        all.push_back({terms.terms[t], terms.weights[t], origin_of(terms.positions[t], pieces_[i].window)});
      }
    }
    // Of a term's windows the one with the largest weight, the first of equals.
    std::stable_sort(all.begin(), all.end(), [](const Found& a, const Found& b) {
      return a.term != b.term ? a.term < b.term : a.weight > b.weight;
    });
    all.erase(std::unique(all.begin(), all.end(), [](const Found& a, const Found& b) { return a.term == b.term; }),
              all.end());
    if (options.top_n != 0 && all.size() > options.top_n) {
      std::stable_sort(all.begin(), all.end(), [](const Found& a, const Found& b) { return a.weight > b.weight; });
      all.resize(options.top_n);
      std::sort(all.begin(), all.end(), [](const Found& a, const Found& b) { return a.term < b.term; });
    }
    out.terms.clear();
    out.weights.clear();
    origins.clear();
    for (const auto& found : all) {
      out.terms.push_back(found.term);
      out.weights.push_back(found.weight);
      origins.push_back(found.origin);
    }
    return ok();
  }

  /// The bytes of the text behind a row of a window; none for special tokens and the prompt.
  [[nodiscard]] TermOrigin origin_of(std::size_t row, const Window& window) const {
    const std::size_t before = model_->tokenizer.prefix().size();
    if (row < before || row - before >= window.size()) return {};
    const auto& token = tokens_[window.begin + row - before];
    const auto prompt = static_cast<std::uint32_t>(settings_.prompt.size());
    if (token.end <= prompt) return {};
    return {std::max(token.begin, prompt) - prompt, token.end - prompt};
  }

  std::shared_ptr<const SpladeEncoder::Model> model_;
  SpladeSettings settings_;
  text::Tokenizer::Scratch tokenizer_scratch_;
  models::EncoderScratch scratch_;
  std::string joined_;
  std::vector<text::Tokenizer::Token> tokens_;  // of the text added last
  std::vector<std::uint32_t> ids_;
  std::vector<Piece> pieces_;
  std::vector<models::TokenSpan> batch_;
  std::vector<tensor::PassageTerms> found_;
};

}  // namespace

std::unique_ptr<sparse::TextEncoder::Worker> make_splade_worker(std::shared_ptr<const SpladeEncoder::Model> model,
                                                                SpladeSettings settings) {
  return std::make_unique<SpladeWorker>(std::move(model), std::move(settings));
}

}  // namespace tamis::encode
