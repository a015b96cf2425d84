#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "byte_letters.h"
#include "token_model.h"
#include "utf8.h"

namespace tamis::text {

namespace {

constexpr std::uint32_t kNone = Vocabulary::kNone;

/// What two neighbours become, and how early.
struct Joined {
  std::uint32_t rank = kNone;
  std::uint32_t made = kNone;
};

/// The merges by pair of ids: open addressing, at most half full.
class MergeTable {
 public:
  explicit MergeTable(std::size_t merges) {
    std::size_t size = 16;
    while (size < 2 * merges) size *= 2;
    entries_.resize(size);
  }
  /// A later merge of the same pair replaces an earlier one.
  void put(std::uint32_t left, std::uint32_t right, Joined joined) noexcept {
    Entry& entry = entries_[place(key(left, right))];
    entry.key = key(left, right);
    entry.joined = joined;
  }
  [[nodiscard]] Joined find(std::uint32_t left, std::uint32_t right) const noexcept {
    return entries_[place(key(left, right))].joined;
  }

 private:
  static constexpr std::uint64_t kFree = ~0ULL;
  struct Entry {
    std::uint64_t key = kFree;
    Joined joined;
  };
  [[nodiscard]] static std::uint64_t key(std::uint32_t left, std::uint32_t right) noexcept {
    return (std::uint64_t{left} << 32U) | right;
  }
  [[nodiscard]] std::size_t place(std::uint64_t wanted) const noexcept {
    const std::size_t mask = entries_.size() - 1;
    std::size_t at = static_cast<std::size_t>((wanted * 0x9E3779B97F4A7C15ULL) >> 20U) & mask;
    while (entries_[at].key != kFree && entries_[at].key != wanted) at = (at + 1) & mask;
    return at;
  }
  std::vector<Entry> entries_;
};

/// Joins neighbouring symbols, the earliest merge first and of equal ones the leftmost (arXiv:1508.07909).
class BytePair final : public TokenModel {
 public:
  BytePair(const ModelSpec& spec, const Vocabulary& vocabulary, bool raw_bytes)
      : vocabulary_(vocabulary),
        merges_(spec.merges.size()),
        prefix_(spec.continuing_prefix),
        suffix_(spec.word_suffix),
        raw_bytes_(raw_bytes),
        fuse_unknown_(spec.fuse_unknown),
        ignore_merges_(spec.ignore_merges) {
    if (spec.unknown) unknown_ = vocabulary.id(*spec.unknown);
    byte_fallback_ids_.fill(kNone);
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      char letter[4];
      const char* const end = encode_utf8(kByteLetters[byte], letter);
      letters_[byte].assign(letter, static_cast<std::size_t>(end - letter));
      letter_ids_[byte] = vocabulary.id(letters_[byte]).value_or(kNone);
      if (spec.byte_fallback) byte_fallback_ids_[byte] = vocabulary.id(fmt::format("<0x{:02X}>", byte)).value_or(kNone);
    }
  }

  [[nodiscard]] Status add_merges(const ModelSpec& spec) {
    std::string whole;
    for (std::uint32_t rank = 0; rank < spec.merges.size(); ++rank) {
      const auto& [left, right] = spec.merges[rank];
      const std::string where = fmt::format("model.merges[{}]", rank);
      if (right.size() < prefix_.size()) return Error{Code::kCorrupt, where + ": shorter than the prefix of a part"};
      whole.assign(left).append(right, prefix_.size());
      const auto left_id = vocabulary_.id(left);
      const auto right_id = vocabulary_.id(right);
      const auto made = vocabulary_.id(whole);
      if (!left_id || !right_id || !made)
        return Error{Code::kCorrupt, fmt::format("{}: \"{}\" is not in the vocabulary", where,
                                                 !left_id    ? left
                                                 : !right_id ? right
                                                             : whole)};
      merges_.put(*left_id, *right_id, {rank, *made});
    }
    return ok();
  }

  void encode(std::string_view word, ModelScratch& scratch, std::vector<WordToken>& out) const override {
    if (ignore_merges_) {
      if (const auto id = whole_word(word, scratch.spelling)) {
        out.push_back({*id, 0, static_cast<std::uint32_t>(word.size())});
        return;
      }
    }
    scratch.symbols.clear();
    if (raw_bytes_) {
      for (const char byte : word) push(letter_ids_[static_cast<unsigned char>(byte)], 1, scratch);
    } else {
      push_characters(word, scratch);
    }
    if (scratch.symbols.size() <= kShortWord) {
      merge_short(scratch);
    } else {
      merge_long(scratch);
    }
    std::uint32_t at = 0;
    for (const auto& symbol : scratch.symbols) {
      if (symbol.size == 0) continue;
      out.push_back({symbol.id, at, at + symbol.size});
      at += symbol.size;
    }
  }
  [[nodiscard]] std::optional<std::uint32_t> unknown() const noexcept override { return unknown_; }

 private:
  static constexpr std::size_t kShortWord = 32;

  [[nodiscard]] std::optional<std::uint32_t> whole_word(std::string_view word, std::string& spelling) const {
    if (!raw_bytes_) return vocabulary_.id(word);
    if (word.size() > vocabulary_.longest()) return std::nullopt;
    spelling.clear();
    for (const char byte : word) spelling += letters_[static_cast<unsigned char>(byte)];
    return vocabulary_.id(spelling);
  }

  static void push(std::uint32_t id, std::size_t size, ModelScratch& scratch) {
    auto& symbols = scratch.symbols;
    const auto place = static_cast<std::int32_t>(symbols.size());
    if (place > 0) symbols.back().next = place;
    symbols.push_back({id, static_cast<std::uint32_t>(size), place - 1, -1});
  }

  [[nodiscard]] bool push_fallback(std::string_view spelling, ModelScratch& scratch) const {
    const auto id_of = [&](char byte) { return byte_fallback_ids_[static_cast<unsigned char>(byte)]; };
    if (std::ranges::any_of(spelling, [&](char byte) { return id_of(byte) == kNone; })) return false;
    for (const char byte : spelling) push(id_of(byte), 1, scratch);
    return true;
  }

  /// The word's characters; those that the vocabulary does not have are spelled by bytes, unknown, or left out where
  /// nothing stands for the unknown.
  void push_characters(std::string_view word, ModelScratch& scratch) const {
    std::size_t unknown_size = 0;  // of an unknown token that waits
    const auto flush = [&] {
      if (unknown_size > 0) push(*unknown_, unknown_size, scratch);
      unknown_size = 0;
    };
    std::string spelling;
    for (std::size_t at = 0; at < word.size();) {
      const std::size_t size = decode_utf8(word, at).size;
      spelling.assign(at > 0 ? std::string_view(prefix_) : std::string_view()).append(word, at, size);
      if (at + size == word.size()) spelling += suffix_;
      at += size;
      if (const auto id = vocabulary_.id(spelling)) {
        flush();
        push(*id, size, scratch);
      } else if (!push_fallback(spelling, scratch) && unknown_) {
        if (!fuse_unknown_) flush();
        unknown_size += size;
      }
    }
    flush();
  }

  /// By looking for the best pair again and again: quadratic, and quickest for words.
  void merge_short(ModelScratch& scratch) const {
    auto& symbols = scratch.symbols;
    auto& pairs = scratch.merges;  // of symbol i and the next
    pairs.clear();
    const auto pair_at = [&](std::size_t i) -> ModelScratch::Merge {
      const Joined joined = merges_.find(symbols[i].id, symbols[i + 1].id);
      return {joined.rank, 0, joined.made};
    };
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) pairs.push_back(pair_at(i));
    while (!pairs.empty()) {
      const auto best = std::ranges::min_element(pairs, {}, &ModelScratch::Merge::rank);
      if (best->rank == kNone) return;
      const auto at = static_cast<std::size_t>(best - pairs.begin());
      symbols[at].id = best->made;
      symbols[at].size += symbols[at + 1].size;
      symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(at) + 1);
      pairs.erase(best);
      if (at > 0) pairs[at - 1] = pair_at(at - 1);
      if (at < pairs.size()) pairs[at] = pair_at(at);
    }
  }

  /// By a heap of pairs; a pair that is no more when its turn comes is passed over.
  void merge_long(ModelScratch& scratch) const {
    auto& symbols = scratch.symbols;
    auto& heap = scratch.merges;
    heap.clear();
    const auto later = [](const ModelScratch::Merge& a, const ModelScratch::Merge& b) {
      return std::tie(a.rank, a.position) > std::tie(b.rank, b.position);
    };
    const auto offer = [&](std::int32_t left) {
      const std::int32_t right = left < 0 ? -1 : symbols[static_cast<std::size_t>(left)].next;
      if (right < 0) return;
      const Joined joined =
          merges_.find(symbols[static_cast<std::size_t>(left)].id, symbols[static_cast<std::size_t>(right)].id);
      if (joined.rank == kNone) return;
      heap.push_back({joined.rank, static_cast<std::uint32_t>(left), joined.made});
      std::ranges::push_heap(heap, later);
    };
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) offer(static_cast<std::int32_t>(i));
    while (!heap.empty()) {
      std::ranges::pop_heap(heap, later);
      const ModelScratch::Merge merge = heap.back();
      heap.pop_back();
      auto& left = symbols[merge.position];
      if (left.size == 0 || left.next < 0) continue;
      auto& right = symbols[static_cast<std::size_t>(left.next)];
      if (merges_.find(left.id, right.id).made != merge.made) continue;
      left.id = merge.made;
      left.size += right.size;
      left.next = right.next;
      right.size = 0;
      if (left.next >= 0)
        symbols[static_cast<std::size_t>(left.next)].previous = static_cast<std::int32_t>(merge.position);
      offer(left.previous);
      offer(static_cast<std::int32_t>(merge.position));
    }
  }

  const Vocabulary& vocabulary_;
  MergeTable merges_;
  std::string prefix_, suffix_;
  bool raw_bytes_, fuse_unknown_, ignore_merges_;
  std::optional<std::uint32_t> unknown_;
  std::array<std::string, 256> letters_;
  std::array<std::uint32_t, 256> letter_ids_{};
  std::array<std::uint32_t, 256> byte_fallback_ids_{};
};

}  // namespace

bool spells_all_bytes(const Vocabulary& vocabulary) {
  return std::ranges::all_of(kByteLetters, [&](std::uint32_t letter) {
    char utf8[4];
    const char* const end = encode_utf8(letter, utf8);
    return vocabulary.id({utf8, static_cast<std::size_t>(end - utf8)}).has_value();
  });
}

Result<std::unique_ptr<TokenModel>> make_byte_pair(const ModelSpec& spec, const Vocabulary& vocabulary,
                                                   bool raw_bytes) {
  if (spec.unknown && !vocabulary.id(*spec.unknown) && !raw_bytes)
    return Error{Code::kCorrupt, fmt::format("model.unk_token: \"{}\" is not in the vocabulary", *spec.unknown)};
  auto model = std::make_unique<BytePair>(spec, vocabulary, raw_bytes);
  TAMIS_TRY_OK(model->add_merges(spec));
  return std::unique_ptr<TokenModel>(std::move(model));
}

}  // namespace tamis::text
