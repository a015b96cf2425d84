#include <fmt/format.h>
#include <tamis/sparse/bm25.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace tamis::sparse {
namespace {

Status check_range(std::string_view name, float value, float low, float high) {
  if (value >= low && value <= high) return ok();  // false for NaN
  return Error{Code::kInvalidArgument, fmt::format("bm25: {} is {} (wanted {} to {})", name, value, low, high)};
}

/// k1 (1 - b + b length / avg_length): what a passage of this length adds under the fraction.
float length_norm(const Bm25Config& config, std::uint32_t length) noexcept {
  const float ratio = config.avg_length > 0.0F ? static_cast<float>(length) / config.avg_length : 1.0F;
  return config.k1 * (1.0F - config.b + config.b * ratio);
}

/// Rounding could lift a huge count to just above the limit that the field was declared with.
float saturate(float count, float norm, float limit) noexcept {
  return std::min(count * limit / (count + norm), limit);
}

class Bm25DocumentEncoder final : public DocumentEncoder {
 public:
  explicit Bm25DocumentEncoder(const Bm25Config& config) : config_(config) {}
  [[nodiscard]] std::string_view name() const noexcept override { return "bm25"; }
  [[nodiscard]] std::string fingerprint() const override {
    // Not the title weight: it belongs to the query.
    return fmt::format("bm25/1 k1={} b={} avg_length={}", config_.k1, config_.b, config_.avg_length);
  }
  [[nodiscard]] float ceiling() const noexcept override { return config_.k1 + 1.0F; }

  [[nodiscard]] Status encode(const EncoderInput& input, SparseVector& out) const override {
    const auto& counts = input.counts;
    out.terms.resize(counts.size());
    out.weights.resize(counts.size());
    const float norm = length_norm(config_, input.length);
    const float limit = ceiling();
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i].count == 0 || (i > 0 && counts[i].term <= counts[i - 1].term)) {
        return Error{Code::kInvalidArgument,
                     fmt::format("bm25: term {} with count {} (wanted terms ascending, counts from 1)", counts[i].term,
                                 counts[i].count)};
      }
      out.terms[i] = counts[i].term;
      out.weights[i] = saturate(static_cast<float>(counts[i].count), norm, limit);
    }
    return ok();
  }

 private:
  Bm25Config config_;
};

class Bm25QueryEncoder final : public QueryEncoder {
 public:
  Bm25QueryEncoder(std::uint64_t num_passages, std::function<std::uint64_t(TermId)> document_frequency)
      : num_passages_(num_passages), document_frequency_(std::move(document_frequency)) {}
  [[nodiscard]] std::string_view name() const noexcept override { return "bm25"; }

  [[nodiscard]] Status encode(const EncoderInput& input, SparseVector& out) const override {
    out.terms.clear();
    out.weights.clear();
    for (const auto& [term, count] : input.counts) {
      if (!out.terms.empty() && term <= out.terms.back()) {
        return Error{Code::kInvalidArgument, fmt::format("bm25: query term {} is out of order", term)};
      }
      const std::uint64_t frequency = document_frequency_(term);
      if (frequency == 0 || count == 0) continue;  // nothing to find
      out.terms.push_back(term);
      out.weights.push_back(static_cast<float>(count) * bm25_idf(num_passages_, frequency));
    }
    return ok();
  }

 private:
  std::uint64_t num_passages_;
  std::function<std::uint64_t(TermId)> document_frequency_;
};

}  // namespace

std::string title_key(std::string_view term) {
  std::string key;
  key.reserve(term.size() + 1);
  key.push_back(kTitleMark);
  key.append(term);
  return key;
}

Status Bm25Config::validate() const {
  TAMIS_TRY_OK(check_range("k1", k1, 0.0F, 10.0F));
  TAMIS_TRY_OK(check_range("b", b, 0.0F, 1.0F));
  // Smaller averages could round an impact to 0.
  if (avg_length != 0.0F) TAMIS_TRY_OK(check_range("avg_length", avg_length, 1e-3F, 4e9F));
  return check_range("title_weight", title_weight, 0.0F, 10.0F);
}

float bm25_impact(const Bm25Config& config, std::uint32_t count, std::uint32_t length) noexcept {
  if (count == 0) return 0.0F;
  return saturate(static_cast<float>(count), length_norm(config, length), config.k1 + 1.0F);
}

float bm25_idf(std::uint64_t num_passages, std::uint64_t document_frequency) noexcept {
  // Deleted passages stay in a segment's counts until it is merged, so df may stand above N.
  const auto df = static_cast<double>(std::min(document_frequency, num_passages));
  const double odds = (static_cast<double>(num_passages) - df + 0.5) / (df + 0.5);
  // The first is at most 0 for words of half of all passages, which in a small folder are words that people ask for.
  return static_cast<float>(std::max(std::log(odds), std::log1p(odds) / 3.0));
}

Result<std::unique_ptr<DocumentEncoder>> make_bm25_document_encoder(const Bm25Config& config) {
  TAMIS_TRY_OK(config.validate());
  if (config.avg_length == 0.0F) {
    return Error{Code::kInvalidArgument, "bm25: the average length is not known yet (seen 0, wanted words a passage)"};
  }
  return std::unique_ptr<DocumentEncoder>(std::make_unique<Bm25DocumentEncoder>(config));
}

std::unique_ptr<QueryEncoder> make_bm25_query_encoder(std::uint64_t num_passages,
                                                      std::function<std::uint64_t(TermId)> document_frequency) {
  return std::make_unique<Bm25QueryEncoder>(num_passages, std::move(document_frequency));
}

}  // namespace tamis::sparse
