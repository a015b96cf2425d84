#include "byte_trie.h"

#include <algorithm>

namespace tamis::text {

ByteTrie::ByteTrie(std::vector<Entry> entries) {
  std::ranges::stable_sort(entries, {}, &Entry::key);
  struct Group {
    std::uint32_t node = 0;
    std::size_t begin = 0, end = 0;  // of the entries below the node
    std::size_t depth = 0;
  };
  nodes_.push_back({});
  labels_.push_back(0);
  std::vector<Group> groups{{kRoot, 0, entries.size(), 0}};
  for (std::size_t g = 0; g < groups.size(); ++g) {  // breadth first: children of a node get numbers in a row
    const Group group = groups[g];
    std::size_t at = group.begin;
    for (; at < group.end && entries[at].key.size() == group.depth; ++at) {
      if (group.depth > 0) nodes_[group.node].value = entries[at].value;
    }
    nodes_[group.node].first = static_cast<std::uint32_t>(nodes_.size());
    while (at < group.end) {
      const char label = entries[at].key[group.depth];
      const std::size_t begin = at;
      while (at < group.end && entries[at].key[group.depth] == label) ++at;
      groups.push_back({static_cast<std::uint32_t>(nodes_.size()), begin, at, group.depth + 1});
      nodes_.push_back({});
      labels_.push_back(static_cast<std::uint8_t>(label));
      ++nodes_[group.node].children;
    }
  }
  for (Node& node : nodes_) {
    if (node.children <= kMostScanned) continue;
    node.table = static_cast<std::uint32_t>(tables_.size());
    auto& table = tables_.emplace_back();
    table.fill(kNone);
    for (std::uint32_t i = node.first; i < node.first + node.children; ++i) table[labels_[i]] = i;
  }
}

std::uint32_t ByteTrie::find(std::string_view key) const noexcept {
  std::uint32_t node = kRoot;
  for (const char byte : key) {
    node = child(node, byte);
    if (node == kNone) break;
  }
  return node;
}

}  // namespace tamis::text
