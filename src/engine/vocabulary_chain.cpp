#include "vocabulary_chain.h"

#include <filesystem>

namespace tamis::engine {

Result<index::Vocabulary> open_vocabulary(const IndexPaths& paths, const std::vector<std::string>& names) {
  std::vector<std::filesystem::path> files;
  for (const auto& name : names) files.push_back(paths.segment_file(name));
  return index::Vocabulary::open(files);
}

Result<VocabularyChain> VocabularyChain::open(const IndexPaths& paths, std::vector<std::string> names) {
  TAMIS_TRY(auto vocabulary, open_vocabulary(paths, names));
  return VocabularyChain(paths, std::move(names), index::VocabularyWriter(std::move(vocabulary)));
}

Result<std::string> VocabularyChain::write(store::SegmentId segment) {
  auto name = vocabulary_file_name(segment);
  TAMIS_TRY(const bool written, writer_.write_new(paths_.segment_file(name)));
  if (!written) return std::string();
  names_.push_back(name);
  TAMIS_TRY(auto vocabulary, open_vocabulary(paths_, names_));
  writer_ = index::VocabularyWriter(std::move(vocabulary));
  return name;
}

}  // namespace tamis::engine
