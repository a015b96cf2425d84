#include "aligned_text.h"

#include <algorithm>
#include <utility>

#include "utf8.h"

namespace tamis::text {

void AlignedText::clear() noexcept {
  bytes_.clear();
  origin_.clear();
  shift_ = 0;
}

void AlignedText::assign(std::string_view original, std::uint32_t base) {
  clear();
  shift_ = base;
  for (std::size_t at = 0; at < original.size();) {
    const Decoded c = decode_utf8(original, at);
    const auto begin = base + static_cast<std::uint32_t>(at);
    append(c.valid ? original.substr(at, c.size) : std::string_view("\xEF\xBF\xBD"), {begin, begin + c.size});
    at += c.size;
  }
}

void AlignedText::assign(const AlignedText& whole, std::size_t begin, std::size_t end) {
  clear();
  shift_ = begin < end ? whole.origin_[begin].begin : whole.shift_;
  append(whole, begin, end);
}

void AlignedText::append(const AlignedText& from, std::size_t begin, std::size_t end) {
  bytes_.append(from.bytes_, begin, end - begin);
  origin_.insert(origin_.end(), from.origin_.begin() + static_cast<std::ptrdiff_t>(begin),
                 from.origin_.begin() + static_cast<std::ptrdiff_t>(end));
}

void AlignedText::append(std::string_view bytes, Range origin) {
  bytes_.append(bytes);
  origin_.insert(origin_.end(), bytes.size(), origin);
}

void AlignedText::apply(std::size_t removed) {
  old_bytes_.swap(bytes_);
  old_origin_.swap(origin_);
  bytes_.clear();
  origin_.clear();
  std::size_t at = 0;
  const auto consume = [&](std::size_t characters) {
    for (; characters > 0 && at < old_bytes_.size(); --characters) at += decode_utf8(old_bytes_, at).size;
  };
  consume(removed);
  for (const Edit& edit : edits_) {
    Range origin{shift_, shift_};
    if (edit.change > 0) {
      if (at > 0) origin = old_origin_[at - 1];
    } else if (!old_origin_.empty()) {
      origin = old_origin_[std::min(at, old_origin_.size() - 1)];
      consume(1 + static_cast<std::size_t>(-edit.change));
    }
    char utf8[4];
    append({utf8, static_cast<std::size_t>(encode_utf8(edit.point, utf8) - utf8)}, origin);
  }
  edits_.clear();
}

void AlignedText::prepend(std::string_view prefix) {
  if (bytes_.empty()) return;
  const Range origin = origin_.front();
  bytes_.insert(0, prefix);
  origin_.insert(origin_.begin(), prefix.size(), origin);
}

void AlignedText::swap(AlignedText& other) noexcept {
  bytes_.swap(other.bytes_);
  origin_.swap(other.origin_);
  std::swap(shift_, other.shift_);
}

}  // namespace tamis::text
