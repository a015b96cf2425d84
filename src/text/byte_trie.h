#pragma once

#include <tamis/text/unicode.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace tamis::text {

/// Strings with a number each, walked a byte at a time. Children of a node stand side by side in the order of their
/// bytes; where they are many, a table of 256 finds them. Building sorts the strings and is linear then. Immutable.
class ByteTrie {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  static constexpr std::uint32_t kRoot = 0;
  struct Entry {
    std::string_view key;
    std::uint32_t value = 0;
  };

  ByteTrie() : ByteTrie(std::vector<Entry>{}) {}
  /// Of equal strings the last one counts; the empty string is left out. @pre fewer than 2^31 bytes of strings
  explicit ByteTrie(std::vector<Entry> entries);

  /// The node a byte below `node`, or kNone.
  [[nodiscard]] std::uint32_t child(std::uint32_t node, char byte) const noexcept {
    const auto label = static_cast<std::uint8_t>(byte);
    const Node& parent = nodes_[node];
    if (parent.children > kMostScanned) return tables_[parent.table][label];
    for (std::uint32_t i = 0; i < parent.children; ++i) {
      if (labels_[parent.first + i] >= label) return labels_[parent.first + i] == label ? parent.first + i : kNone;
    }
    return kNone;
  }
  /// The node at the end of a string, or kNone.
  [[nodiscard]] std::uint32_t find(std::string_view key) const noexcept;
  /// The number of the string that ends at a node, or kNone.
  [[nodiscard]] std::uint32_t value(std::uint32_t node) const noexcept { return nodes_[node].value; }

  /// The longest of the strings with which `text` goes on from `node`: its number and length, or kNone.
  struct Match {
    std::uint32_t value = kNone;
    std::size_t size = 0;
  };
  [[nodiscard]] Match longest(std::uint32_t node, std::string_view text) const noexcept {
    Match match;
    for (std::size_t i = 0; i < text.size(); ++i) {
      node = child(node, text[i]);
      if (node == kNone) break;
      if (nodes_[node].value != kNone) match = {nodes_[node].value, i + 1};
    }
    return match;
  }

 private:
  struct Node {
    std::uint32_t first = 0;
    std::uint32_t children = 0;
    std::uint32_t value = kNone;
    std::uint32_t table = 0;  // where `children` are more than kMostScanned
  };
  static constexpr std::uint32_t kMostScanned = 12;
  std::vector<Node> nodes_;
  std::vector<std::uint8_t> labels_;                    // of the byte that leads to a node
  std::vector<std::array<std::uint32_t, 256>> tables_;  // the children of a node by their byte
};

}  // namespace tamis::text
