#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/result.h>

#include <span>
#include <string_view>

namespace tamis::search {

/// Scores candidates of a question anew, with more effort than all passages could be scored with: by vectors of tokens,
/// by a language model. Candidates in, scores out. One thread at a time.
class Reranker {
 public:
  struct Candidate {
    PassageId id = 0;
    std::string_view text;  ///< heading path or title, a newline, the passage's text
    Score score = 0;        ///< in the ranking before
  };
  virtual ~Reranker() = default;
  /// The higher the better; any finite number. A score depends on question and candidate alone, not on the batch: with
  /// an early exit candidates come one by one.
  /// @param candidates  best first
  /// @param out         [candidates], overwritten
  [[nodiscard]] virtual Status score(std::string_view question, std::span<const Candidate> candidates,
                                     std::span<float> out) = 0;
};

}  // namespace tamis::search
