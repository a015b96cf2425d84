#include "npy.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <optional>

namespace tamis::sparse {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMostDimensions = 32;

/// The few forms of a Python literal that a header has.
class Literal {
 public:
  explicit Literal(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool take(char wanted) {
    skip_blanks();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] std::optional<std::string_view> quoted() {
    skip_blanks();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) return std::nullopt;
    const auto end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) return std::nullopt;
    const auto text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }
  [[nodiscard]] std::optional<bool> truth() {
    skip_blanks();
    for (const std::string_view word : {"True", "False"}) {
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return word == "True";
    }
    return std::nullopt;
  }
  /// "()", "(3,)", "(3, 4)".
  [[nodiscard]] std::optional<std::vector<std::uint64_t>> numbers() {
    if (!take('(')) return std::nullopt;
    std::vector<std::uint64_t> out;
    while (!take(')')) {
      skip_blanks();
      std::uint64_t value = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
      if (error != std::errc{} || out.size() == kMostDimensions) return std::nullopt;
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      out.push_back(value);
      if (take(',')) continue;
      if (!take(')')) return std::nullopt;
      break;
    }
    return out;
  }
  [[nodiscard]] bool at_end() {
    skip_blanks();
    return rest_.empty();
  }

 private:
  void skip_blanks() {
    const auto first = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
  }
  std::string_view rest_;
};

/// "<f4".
Status parse_type(std::string_view text, NpyHeader& out) {
  const bool ordered = !text.empty() && std::strchr("<>|=", text.front()) != nullptr && text.front() != '\0';
  const std::string_view rest = text.substr(ordered ? 1 : 0);
  if (ordered) out.byte_order = text.front() == '=' ? '<' : text.front();
  if (rest.size() < 2 || std::strchr("fiubS", rest.front()) == nullptr) {
    return Error{Code::kUnsupported, fmt::format("items of type \"{}\" (wanted numbers)", text)};
  }
  out.kind = rest.front();
  const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), out.item_bytes);
  if (error != std::errc{} || end != rest.data() + rest.size()) {
    return Error{Code::kCorrupt, fmt::format("items of type \"{}\"", text)};
  }
  return ok();
}

}  // namespace

std::string NpyHeader::type_name() const { return fmt::format("{}{}{}", byte_order, kind, item_bytes); }

Result<std::uint64_t> NpyHeader::num_items() const {
  std::uint64_t items = 1;
  for (const std::uint64_t size : shape) {
    if (size != 0 && items > (1ULL << 62U) / size) return Error{Code::kCorrupt, "a shape of more than 2^62 items"};
    items *= size;
  }
  return items;
}

Result<std::size_t> npy_header_size(std::string_view prefix) {
  if (!prefix.starts_with(kMagic) || prefix.size() < 10) return Error{Code::kCorrupt, "not a .npy array"};
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(prefix[i])); };
  if (byte(6) < 1 || byte(6) > 3) {
    return Error{Code::kUnsupported, fmt::format(".npy version {}.{} (this build reads 1 to 3)", byte(6), byte(7))};
  }
  if (prefix.size() != npy_prefix_bytes(prefix[6])) return Error{Code::kCorrupt, "not a .npy array"};
  std::size_t size = byte(8) | byte(9) << 8U;
  if (prefix.size() == 12) size |= byte(10) << 16U | byte(11) << 24U;
  if (size <= kMaxNpyHeaderBytes) return size;
  return Error{Code::kExhausted, fmt::format(".npy header of {} bytes (at most {})", size, kMaxNpyHeaderBytes)};
}

Result<NpyHeader> parse_npy_header(std::string_view text) {
  const auto bad = [] {
    return Error{Code::kCorrupt, ".npy header: not {'descr': …, 'fortran_order': …, 'shape': …}"};
  };
  Literal literal(text);
  NpyHeader out;
  unsigned seen = 0;
  if (!literal.take('{')) return bad();
  while (!literal.take('}')) {
    const auto key = literal.quoted();
    if (!key || !literal.take(':')) return bad();
    if (*key == "descr") {
      const auto type = literal.quoted();
      if (!type) return Error{Code::kUnsupported, ".npy header: items that are records (wanted plain numbers)"};
      TAMIS_TRY_OK(parse_type(*type, out));
      seen |= 1U;
    } else if (*key == "fortran_order") {
      const auto order = literal.truth();
      if (!order) return bad();
      out.fortran_order = *order;
      seen |= 2U;
    } else if (*key == "shape") {
      auto shape = literal.numbers();
      if (!shape) return bad();
      out.shape = std::move(*shape);
      seen |= 4U;
    } else {
      return bad();
    }
    if (literal.take(',')) continue;
    if (!literal.take('}')) return bad();
    break;
  }
  if (seen != 7U || !literal.at_end()) return bad();
  return out;
}

}  // namespace tamis::sparse
