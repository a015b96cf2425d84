#include "distinct.h"

#include <algorithm>
#include <unordered_map>

namespace tamis::search {
namespace {

constexpr std::size_t kShingleWords = 3;

constexpr ParameterInfo kParameters[] = {
    {"t", 0.8, 0.05, 1, "share of common runs of three words from which passages are nearly equal"},
    {"n", 100, 1, 1000, "first passages that are compared", ParameterInfo::Kind::kWhole}};

/// FNV-1a, 64 bits: two of a thousand texts' shingles are taken for one once in 10^8 questions.
std::uint64_t add_to_hash(std::uint64_t hash, std::string_view word) {
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return (hash ^ 0xFFU) * 0x100000001B3ULL;  // no byte of UTF-8: ends a word
}

}  // namespace

PartInfo distinct_step() {
  return {kDistinctStep, "leaves out passages nearly equal to a better one, which counts them", kParameters};
}

std::vector<std::uint64_t> shingles_of(text::Analyzer& analyzer, std::string_view text) {
  std::vector<text::Token> tokens;
  analyzer.analyze(text, text::Language::kNone, tokens);
  std::vector<std::uint64_t> out;
  const std::size_t length = std::min(kShingleWords, tokens.size());
  for (std::size_t i = 0; length > 0 && i + length <= tokens.size(); ++i) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (std::size_t j = i; j < i + length; ++j) hash = add_to_hash(hash, analyzer.term(tokens[j].term));
    out.push_back(hash);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<std::size_t> representatives(std::span<const std::vector<std::uint64_t>> sets, double least) {
  std::vector<std::size_t> out;
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> holders;  // of those that stand for themselves
  std::vector<std::size_t> common;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    common.assign(i, 0);
    for (const auto shingle : sets[i]) {
      const auto found = holders.find(shingle);
      if (found == holders.end()) continue;
      for (const auto other : found->second) ++common[other];
    }
    std::size_t stands = i;
    for (std::size_t other = 0; other < i && stands == i; ++other) {
      const auto all = sets[i].size() + sets[other].size() - common[other];
      if (common[other] > 0 && static_cast<double>(common[other]) >= least * static_cast<double>(all)) stands = other;
    }
    out.push_back(stands);
    if (stands != i) continue;
    for (const auto shingle : sets[i]) holders[shingle].push_back(i);
  }
  return out;
}

}  // namespace tamis::search
