#include "code_points.h"
#include "edit_rules.h"
#include "normalizer.h"

namespace tamis::text {

namespace {

/// BERT's cleaning: control characters go, white space becomes a space, Chinese characters get spaces around them,
/// accents go, letters become small. In this order.
class BertNormalizer final : public Normalizer {
 public:
  explicit BertNormalizer(const NormalizerSpec& spec)
      : clean_(spec.clean_text),
        chinese_(spec.chinese),
        strip_accents_(spec.strip_accents.value_or(spec.lowercase)),
        lowercase_(spec.lowercase) {}

  void run(AlignedText& text) const override {
    if (clean_) {
      filter_points(text, [](std::uint32_t point) {
        if (point == '\t' || point == '\n' || point == '\r') return true;
        return point != 0 && point != kReplacement && !is_other(point);
      });
      map_points(text, [](std::uint32_t point) { return is_space(point) ? std::uint32_t{' '} : point; });
    }
    if (chinese_) isolate_chinese(text);
    if (strip_accents_) {
      decompose(text, false);
      filter_points(text, [](std::uint32_t point) { return !is_nonspacing_mark(point); });
    }
    if (lowercase_) lowercase(text);
  }

 private:
  static void isolate_chinese(AlignedText& text) {
    auto& edits = text.edits();
    edits.clear();
    each_point(text.bytes(), [&](std::uint32_t point) {
      if (is_chinese(point)) {
        edits.insert(edits.end(), {{' ', 0}, {point, 1}, {' ', 1}});
      } else {
        edits.push_back({point, 0});
      }
    });
    text.apply(0);
  }

  bool clean_, chinese_, strip_accents_, lowercase_;
};

}  // namespace

std::unique_ptr<Normalizer> make_bert_normalizer(const NormalizerSpec& spec) {
  return std::make_unique<BertNormalizer>(spec);
}

}  // namespace tamis::text
