#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>

#include "code_points.h"
#include "edit_rules.h"
#include "normalizer.h"

namespace tamis::text {

namespace {

// The forms of Unicode 9: the stability policy keeps the answers for characters that it knows, all others are alone.
constexpr std::uint8_t kFormsVersion = 9;
constexpr std::uint32_t kFirstMark = 0x300;
constexpr std::size_t kLongestDecomposition = 32;  // 18 is what Unicode has

struct Part {
  std::uint32_t point = 0;
  std::uint8_t combining_class = 0;
  std::int32_t change = 0;
};

[[nodiscard]] bool known(std::uint32_t point) noexcept {
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(point), age);
  return age[0] != 0 && age[0] <= kFormsVersion;
}

[[nodiscard]] std::uint8_t combining_class(std::uint32_t point) noexcept {
  if (point < kFirstMark || !known(point)) return 0;
  return u_getCombiningClass(static_cast<UChar32>(point));
}

/// Appends a character's full decomposition; the parts behind the first are additions.
void append_parts(std::uint32_t point, bool compatibility, std::vector<Part>& out) {
  if (point < 0x80) {
    out.push_back({point, 0, 0});
    return;
  }
  std::array<utf8proc_int32_t, kLongestDecomposition> parts{};
  utf8proc_ssize_t made = 0;
  if (known(point)) {
    int boundary = 0;
    const auto options =
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | (compatibility ? UTF8PROC_COMPAT : 0));
    made = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(point), parts.data(), kLongestDecomposition, options,
                                   &boundary);
  }
  if (made <= 0 || made > static_cast<utf8proc_ssize_t>(kLongestDecomposition)) {
    out.push_back({point, combining_class(point), 0});
    return;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(made); ++i) {
    const auto part = static_cast<std::uint32_t>(parts[i]);
    out.push_back({part, combining_class(part), i == 0 ? 0 : 1});
  }
}

/// The whole text taken apart, marks in canonical order.
void take_apart(std::string_view text, bool compatibility, std::vector<Part>& out) {
  each_point(text, [&](std::uint32_t point) { append_parts(point, compatibility, out); });
  for (std::size_t begin = 0; begin < out.size(); ++begin) {
    if (out[begin].combining_class == 0) continue;
    std::size_t end = begin;
    while (end < out.size() && out[end].combining_class != 0) ++end;
    std::ranges::stable_sort(out.begin() + static_cast<std::ptrdiff_t>(begin),
                             out.begin() + static_cast<std::ptrdiff_t>(end), {}, &Part::combining_class);
    begin = end;
  }
}

/// The character that two make together; 0 if none. Nothing below the combining marks joins what is before it.
[[nodiscard]] std::uint32_t compose_pair(std::uint32_t first, std::uint32_t second) noexcept {
  if (second < kFirstMark) return 0;
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) return 0;
  const UChar32 made = nfc->composePair(static_cast<UChar32>(first), static_cast<UChar32>(second));
  return made > 0 && known(static_cast<std::uint32_t>(made)) ? static_cast<std::uint32_t>(made) : 0;
}

/// Puts decomposed characters together again. A composed one covers what its parts covered.
class Composer {
 public:
  explicit Composer(std::vector<Edit>& out) : out_(out) {}

  void push(const Part& part) {
    if (!has_starter_) {
      if (part.combining_class == 0) begin_at(part);
      out_.push_back({part.point, part.change});
      if (has_starter_) starter_ = out_.size() - 1;
      return;
    }
    const bool blocked = marks_ && last_class_ >= part.combining_class;
    const std::uint32_t made = blocked ? 0 : compose_pair(out_[starter_].point, part.point);
    if (made != 0) {
      out_[starter_].point = made;
      out_[starter_].change += part.change - 1;
      return;
    }
    out_.push_back({part.point, part.change});
    if (part.combining_class == 0) {
      begin_at(part);
      starter_ = out_.size() - 1;
    } else {
      marks_ = true;
      last_class_ = part.combining_class;
    }
  }

 private:
  void begin_at(const Part&) noexcept {
    has_starter_ = true;
    marks_ = false;
  }
  std::vector<Edit>& out_;
  std::size_t starter_ = 0;
  bool has_starter_ = false;
  bool marks_ = false;  // some stand between the starter and the next character
  std::uint8_t last_class_ = 0;
};

/// One of the four normalisation forms.
class UnicodeForm final : public Normalizer {
 public:
  explicit UnicodeForm(Form form) : form_(form) {}

  void run(AlignedText& text) const override {
    if (is_ascii(text.bytes())) return;
    if (form_ == Form::kNfd || form_ == Form::kNfkd) {
      decompose(text, form_ == Form::kNfkd);
      return;
    }
    std::vector<Part> parts;
    take_apart(text.bytes(), form_ == Form::kNfkc, parts);
    auto& edits = text.edits();
    edits.clear();
    Composer composer(edits);
    for (const Part& part : parts) composer.push(part);
    text.apply(0);
  }
  [[nodiscard]] bool composes_only() const noexcept override { return form_ == Form::kNfc; }

 private:
  Form form_;
};

}  // namespace

void decompose(AlignedText& text, bool compatibility) {
  std::vector<Part> parts;
  take_apart(text.bytes(), compatibility, parts);
  auto& edits = text.edits();
  edits.clear();
  for (const Part& part : parts) edits.push_back({part.point, part.change});
  text.apply(0);
}

void lowercase(AlignedText& text) {
  auto& edits = text.edits();
  edits.clear();
  each_point(text.bytes(), [&](std::uint32_t point) {
    if (point == 0x130) {  // İ is the only letter that becomes two
      edits.insert(edits.end(), {{'i', 0}, {0x307, 1}});
    } else {
      edits.push_back({lower(point), 0});
    }
  });
  text.apply(0);
}

std::unique_ptr<Normalizer> make_unicode_form(Form form) { return std::make_unique<UnicodeForm>(form); }

}  // namespace tamis::text
