#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/result.h>
#include <tamis/index/vocabulary.h>

#include <string>
#include <string_view>
#include <vector>

#include "paths.h"

namespace tamis::engine {

[[nodiscard]] Result<index::Vocabulary> open_vocabulary(const IndexPaths& paths, const std::vector<std::string>& names);

/// The vocabulary of an index while it is written: the chain of files, and the terms that come after it.
class VocabularyChain {
 public:
  [[nodiscard]] static Result<VocabularyChain> open(const IndexPaths& paths, std::vector<std::string> names);
  [[nodiscard]] Result<TermId> intern(std::string_view key) { return writer_.intern(key); }
  [[nodiscard]] std::uint64_t memory_bytes() const noexcept { return writer_.num_new() * kBytesATerm; }
  /// Writes the new terms as the chain's next file, if there are any; returns its name or "".
  [[nodiscard]] Result<std::string> write(store::SegmentId segment);
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

 private:
  static constexpr std::uint64_t kBytesATerm = 64;  // string, hash entry, offset: about
  VocabularyChain(const IndexPaths& paths, std::vector<std::string> names, index::VocabularyWriter writer)
      : paths_(paths), names_(std::move(names)), writer_(std::move(writer)) {}

  IndexPaths paths_;
  std::vector<std::string> names_;
  index::VocabularyWriter writer_;
};

}  // namespace tamis::engine
