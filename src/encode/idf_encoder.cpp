#include <fmt/format.h>
#include <tamis/base/section_file.h>
#include <tamis/encode/idf_encoder.h>
#include <tamis/encode/splade_encoder.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

namespace tamis::encode {
namespace {

using sparse::SparseVector;
using sparse::TermOrigin;

class IdfWorker final : public sparse::TextEncoder::Worker {
 public:
  IdfWorker(const IdfEncoder& encoder, text::Tokenizer tokenizer)
      : encoder_(encoder), tokenizer_(std::move(tokenizer)) {}

  [[nodiscard]] Status encode(std::span<const std::string_view> texts, std::span<SparseVector> out) override {
    if (texts.size() != out.size()) return Error{Code::kInvalidArgument, "one vector a text is wanted"};
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (auto status = encode_text(texts[i], out[i], nullptr); !status) {
        return within(fmt::format("text {}", i), std::move(status).error());
      }
    }
    return ok();
  }

  [[nodiscard]] Status explain(std::string_view text, SparseVector& out, std::vector<TermOrigin>& origins) override {
    return encode_text(text, out, &origins);
  }

 private:
  [[nodiscard]] Status encode_text(std::string_view text, SparseVector& out, std::vector<TermOrigin>* origins) {
    if (text.size() > kMaxTextBytes) {
      return Error{Code::kInvalidArgument, fmt::format("{} bytes (wanted at most {})", text.size(), kMaxTextBytes)};
    }
    try {
      tokens_.clear();
      tokenizer_.encode(text, scratch_, tokens_);
      std::erase_if(tokens_, [&](const auto& token) {
        return tokenizer_.is_special(token.id) || tokenizer_.unknown() == token.id;
      });
      std::sort(tokens_.begin(), tokens_.end(), [](const auto& a, const auto& b) {
        return a.id != b.id ? a.id < b.id : a.begin < b.begin;  // the first of equals says where the term is from
      });
      out.terms.clear();
      out.weights.clear();
      if (origins != nullptr) origins->clear();
      for (std::size_t i = 0; i < tokens_.size(); ++i) {
        if (i > 0 && tokens_[i].id == tokens_[i - 1].id) continue;
        const float weight = encoder_.weight(tokens_[i].id);
        if (!(weight > 0.0F)) continue;
        out.terms.push_back(tokens_[i].id);
        out.weights.push_back(weight);
        if (origins != nullptr) origins->push_back({tokens_[i].begin, tokens_[i].end});
      }
      return ok();
    } catch (const std::bad_alloc&) {
      return Error{Code::kExhausted, "not enough memory to encode"};
    }
  }

  const IdfEncoder& encoder_;
  text::Tokenizer tokenizer_;
  text::Tokenizer::Scratch scratch_;
  std::vector<text::Tokenizer::Token> tokens_;
};

}  // namespace

float token_idf(std::uint64_t num_passages, std::uint64_t document_frequency) noexcept {
  const auto all = static_cast<double>(num_passages);
  const auto held = static_cast<double>(std::min(document_frequency, num_passages));
  return static_cast<float>(std::log1p((all - held + 0.5) / (held + 0.5)));
}

Result<std::vector<float>> read_query_weights(const models::ModelDescription& description,
                                              const text::Tokenizer& tokenizer) {
  TAMIS_TRY(auto table, models::read_query_table(description));
  if (table.by_token.empty()) return std::move(table.by_id);
  std::vector<float> weights(tokenizer.vocabulary_size(), 0.0F);
  std::size_t known = 0;
  for (const auto& [token, weight] : table.by_token) {
    const auto id = tokenizer.id(token);
    if (!id) continue;
    weights[*id] = weight;
    ++known;
  }
  if (known > 0) return weights;
  return Error{Code::kCorrupt,
               fmt::format("{}: none of its {} tokens is one of the tokenizer's, e.g. \"{}\"",
                           description.query_table.string(), table.by_token.size(), table.by_token.front().first)};
}

Result<std::unique_ptr<IdfEncoder>> IdfEncoder::from_table(text::Tokenizer tokenizer, std::vector<float> weights) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!std::isfinite(weights[i])) {
      return Error{Code::kInvalidArgument, fmt::format("the weight of token {} is {} (wanted finite)", i, weights[i])};
    }
  }
  std::unique_ptr<IdfEncoder> made(new IdfEncoder(std::move(tokenizer)));
  made->weights_ = std::move(weights);
  for (const float weight : made->weights_) made->ceiling_ = std::max(made->ceiling_, weight);
  return made;
}

std::unique_ptr<IdfEncoder> IdfEncoder::from_frequencies(text::Tokenizer tokenizer, std::uint64_t num_passages,
                                                         std::function<std::uint64_t(TermId)> document_frequency) {
  std::unique_ptr<IdfEncoder> made(new IdfEncoder(std::move(tokenizer)));
  made->num_passages_ = num_passages;
  made->document_frequency_ = std::move(document_frequency);
  made->ceiling_ = std::max(made->ceiling_, token_idf(num_passages, 0));
  return made;
}

std::string IdfEncoder::fingerprint() const {
  return fmt::format("idf/1 tokenizer={:016x} {}", tokenizer_.fingerprint(),
                     document_frequency_
                         ? "frequencies"
                         : fmt::format("table={:016x}", hash_bytes(std::as_bytes(std::span(weights_)))));
}

std::unique_ptr<sparse::TextEncoder::Worker> IdfEncoder::make_worker() const {
  return std::make_unique<IdfWorker>(*this, tokenizer_);
}

float IdfEncoder::weight(TermId term) const {
  if (!document_frequency_) return term < weights_.size() ? weights_[term] : 0.0F;
  const std::uint64_t frequency = document_frequency_(term);
  return frequency == 0 ? 0.0F : token_idf(num_passages_, frequency);
}

}  // namespace tamis::encode
