#pragma once

#include <tamis/sparse/encoder.h>

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tamis::sparse {

/// Vocabulary keys: body terms stand for themselves, title terms have this byte in front. The body counts hold the
/// words of title and body together, so that title weight 0 is plain BM25 over both; title terms count the title alone.
inline constexpr char kTitleMark = '\x01';
[[nodiscard]] std::string title_key(std::string_view term);

struct Bm25Config {
  float k1 = 0.9F;
  float b = 0.4F;
  float avg_length = 0.0F;    ///< words a passage, fixed at a full index; 0 = not yet known
  float title_weight = 0.0F;  ///< query weight of title terms against body terms
  [[nodiscard]] Status validate() const;
};
template <class Config, class Visitor>
requires std::same_as<std::remove_const_t<Config>, Bm25Config>
void visit_fields(Config& config, Visitor&& field) {
  field("k1", config.k1, "term frequency saturation, [0, 10]");
  field("b", config.b, "length normalisation, [0, 1]");
  field("avg_length", config.avg_length, "words a passage, fixed at a full index");
  field("title_weight", config.title_weight, "query weight of title terms, [0, 10]");
}

/// Document side: tf (k1 + 1) / (tf + k1 (1 - b + b length / avg_length)), below k1 + 1. Query side: idf.
/// Source: Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
[[nodiscard]] float bm25_impact(const Bm25Config& config, std::uint32_t count, std::uint32_t length) noexcept;
/// The larger of ln(odds) and ln(1 + odds) / 3, odds = (N - df + 0.5) / (df + 0.5), df at most N: Robertson's idf up to
/// 43 % of the passages, where small words weigh little, and a third of Lucene's above, which is never 0.
[[nodiscard]] float bm25_idf(std::uint64_t num_passages, std::uint64_t document_frequency) noexcept;

[[nodiscard]] Result<std::unique_ptr<DocumentEncoder>> make_bm25_document_encoder(const Bm25Config& config);
/// A repeated query term counts as often as it occurs.
/// @param document_frequency  of a term id, over the whole snapshot
[[nodiscard]] std::unique_ptr<QueryEncoder> make_bm25_query_encoder(
    std::uint64_t num_passages, std::function<std::uint64_t(TermId)> document_frequency);

}  // namespace tamis::sparse
