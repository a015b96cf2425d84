#pragma once

#include <tamis/base/result.h>
#include <tamis/models/folder.h>
#include <tamis/sparse/encoder.h>
#include <tamis/text/tokenizer.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::encode {

/// ln(1 + (N - n + 0.5) / (n + 0.5)) of a token that n of N passages hold, rounded to f32 once; n at most N.
[[nodiscard]] float token_idf(std::uint64_t num_passages, std::uint64_t document_frequency) noexcept;

/// The weights of query tokens that a model ships, one a token id. kNotFound when it ships none, kCorrupt when none of
/// its tokens is one of the tokenizer's.
[[nodiscard]] Result<std::vector<float>> read_query_weights(const models::ModelDescription& description,
                                                            const text::Tokenizer& tokenizer);

/// Queries without a network: the weight of a term is the table's, for each token that the query holds. Duplicates
/// count once; special tokens, the unknown one among them, never. Microseconds a query.
///
/// With a model trained for it (Geng et al., "Towards Competitive Search Relevance For Inference-Free Learned Sparse
/// Retrievers", arXiv:2411.04403) the table is the model's; otherwise the frequencies of the collection make one.
class IdfEncoder final : public sparse::TextEncoder {
 public:
  /// @param weights  [terms] finite; what is not above 0 drops out; tokens beyond have none
  [[nodiscard]] static Result<std::unique_ptr<IdfEncoder>> from_table(text::Tokenizer tokenizer,
                                                                      std::vector<float> weights);
  /// token_idf() of each token; a token of no passage drops out.
  /// @param document_frequency  passages whose vector holds a term; called from any thread
  [[nodiscard]] static std::unique_ptr<IdfEncoder> from_frequencies(
      text::Tokenizer tokenizer, std::uint64_t num_passages, std::function<std::uint64_t(TermId)> document_frequency);

  [[nodiscard]] std::string_view name() const noexcept override { return "idf"; }
  /// Of tokenizer and table; frequencies belong to the collection and are not in it.
  [[nodiscard]] std::string fingerprint() const override;
  [[nodiscard]] float ceiling() const noexcept override { return ceiling_; }
  [[nodiscard]] std::uint32_t vocabulary_size() const noexcept override { return tokenizer_.vocabulary_size(); }
  [[nodiscard]] std::string_view term(TermId term) const noexcept override { return tokenizer_.token(term); }
  [[nodiscard]] std::unique_ptr<Worker> make_worker() const override;
  /// The weight of a term in every query that holds it; 0 = it drops out.
  [[nodiscard]] float weight(TermId term) const;

 private:
  explicit IdfEncoder(text::Tokenizer tokenizer) : tokenizer_(std::move(tokenizer)) {}
  text::Tokenizer tokenizer_;
  std::vector<float> weights_;
  std::uint64_t num_passages_ = 0;
  std::function<std::uint64_t(TermId)> document_frequency_;
  float ceiling_ = 1.0F;
};

}  // namespace tamis::encode
