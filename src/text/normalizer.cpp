#include "normalizer.h"

#include "code_points.h"
#include "edit_rules.h"

namespace tamis::text {

namespace {

class Lowercase final : public Normalizer {
 public:
  void run(AlignedText& text) const override { lowercase(text); }
};

class StripAccents final : public Normalizer {
 public:
  void run(AlignedText& text) const override {
    filter_points(text, [](std::uint32_t point) { return !is_mark(point); });
  }
};

/// White space at the ends goes.
class Strip final : public Normalizer {
 public:
  Strip(bool left, bool right) : left_(left), right_(right) {}
  void run(AlignedText& text) const override {
    auto& edits = text.edits();
    edits.clear();
    std::size_t removed_first = 0;
    std::size_t kept = 0;  // of `edits`, to the last that is no white space
    each_point(text.bytes(), [&](std::uint32_t point) {
      if (left_ && kept == 0 && edits.empty() && is_space(point)) {
        ++removed_first;
        return;
      }
      edits.push_back({point, 0});
      if (!is_space(point)) kept = edits.size();
    });
    if (right_) edits.resize(kept);
    text.apply(removed_first);
  }

 private:
  bool left_, right_;
};

/// What Google's translation models take out of a text, and what they make a space.
class Nmt final : public Normalizer {
 public:
  void run(AlignedText& text) const override {
    filter_points(text, [](std::uint32_t c) {
      return !((c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || c == 0x8F ||
               c == 0x9F);
    });
    map_points(text, [](std::uint32_t c) {
      const bool space = c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 ||
                         (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF ||
                         c == 0xFFFD;
      return space ? std::uint32_t{' '} : c;
    });
  }
};

class Prepend final : public Normalizer {
 public:
  explicit Prepend(std::string prefix) : prefix_(std::move(prefix)) {}
  void run(AlignedText& text) const override { text.prepend(prefix_); }

 private:
  std::string prefix_;
};

}  // namespace

std::unique_ptr<Normalizer> make_lowercase() { return std::make_unique<Lowercase>(); }
std::unique_ptr<Normalizer> make_strip_accents() { return std::make_unique<StripAccents>(); }
std::unique_ptr<Normalizer> make_strip(bool left, bool right) { return std::make_unique<Strip>(left, right); }
std::unique_ptr<Normalizer> make_nmt() { return std::make_unique<Nmt>(); }
std::unique_ptr<Normalizer> make_prepend(std::string prefix) { return std::make_unique<Prepend>(std::move(prefix)); }

namespace {

[[nodiscard]] Result<std::unique_ptr<Normalizer>> make_normalizer(const NormalizerSpec& spec) {
  using Kind = NormalizerSpec::Kind;
  switch (spec.kind) {
    case Kind::kBert:
      return make_bert_normalizer(spec);
    case Kind::kLowercase:
      return make_lowercase();
    case Kind::kNfc:
      return make_unicode_form(Form::kNfc);
    case Kind::kNfd:
      return make_unicode_form(Form::kNfd);
    case Kind::kNfkc:
      return make_unicode_form(Form::kNfkc);
    case Kind::kNfkd:
      return make_unicode_form(Form::kNfkd);
    case Kind::kStripAccents:
      return make_strip_accents();
    case Kind::kStrip:
      return make_strip(spec.left, spec.right);
    case Kind::kReplace:
      return make_replace(spec);
    case Kind::kPrepend:
      return make_prepend(spec.content);
    case Kind::kCharsMap:
      return make_charsmap(spec.content);
    case Kind::kNmt:
      return make_nmt();
    case Kind::kByteLevel:
      return make_byte_level_normalizer();
  }
  return Error{Code::kUnsupported, "normalizer: a kind that is not known"};
}

}  // namespace

Result<NormalizerList> make_normalizers(std::span<const NormalizerSpec> specs) {
  NormalizerList list;
  for (const NormalizerSpec& spec : specs) {
    TAMIS_TRY(auto normalizer, make_normalizer(spec));
    list.push_back(std::move(normalizer));
  }
  return list;
}

}  // namespace tamis::text
