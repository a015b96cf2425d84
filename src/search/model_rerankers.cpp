#include <tamis/base/section_file.h>
#include <tamis/search/model_rerankers.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tamis::search {
namespace {

using Side = sparse::DenseEncoder::Side;

constexpr std::size_t kKeptBytes = 64U << 20U;
/// Sums that run side by side, so that compilers use wide registers: the same order on every machine.
constexpr std::size_t kLanes = 16;

float product(const float* a, const float* b, std::size_t dimension) {
  float sums[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= dimension; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  float sum = 0;
  for (const float lane : sums) sum += lane;
  for (; i < dimension; ++i) sum += a[i] * b[i];
  return sum;
}

class DenseReranker final : public Reranker {
 public:
  explicit DenseReranker(sparse::DenseEncoder::Worker& worker) : worker_(worker) {}

  [[nodiscard]] Status score(std::string_view question, std::span<const Candidate> candidates,
                             std::span<float> out) override {
    const std::size_t dimension = worker_.dimension();
    if (asked_ != question || asked_vector_.empty()) {
      asked_vector_.resize(dimension);
      TAMIS_TRY_OK(worker_.encode(std::span(&question, 1), Side::kQuestion, asked_vector_));
      asked_ = question;
    }
    TAMIS_TRY_OK(encode_new(candidates));
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      out[i] = product(asked_vector_.data(), kept_.at(key_of(candidates[i].text)).data(), dimension);
    }
    return ok();
  }

 private:
  /// By text, so that no index has to be told from another.
  struct Key {
    std::uint64_t hash = 0;
    std::size_t bytes = 0;
    bool operator==(const Key&) const = default;
  };
  struct HashOfKey {
    std::size_t operator()(const Key& key) const noexcept { return static_cast<std::size_t>(key.hash); }
  };
  static Key key_of(std::string_view text) { return {hash_text(text), text.size()}; }

  Status encode_new(std::span<const Candidate> candidates) {
    const std::size_t bytes = worker_.dimension() * sizeof(float);
    if ((kept_.size() + candidates.size()) * bytes > kKeptBytes) kept_.clear();
    std::vector<std::string_view> texts;
    for (const auto& one : candidates) {
      if (!kept_.contains(key_of(one.text))) texts.push_back(one.text);
    }
    std::vector<float> vectors(texts.size() * worker_.dimension());
    TAMIS_TRY_OK(worker_.encode(texts, Side::kPassage, vectors));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto begin = vectors.begin() + static_cast<std::ptrdiff_t>(i * worker_.dimension());
      kept_[key_of(texts[i])].assign(begin, begin + static_cast<std::ptrdiff_t>(worker_.dimension()));
    }
    return ok();
  }

  sparse::DenseEncoder::Worker& worker_;
  std::string asked_;
  std::vector<float> asked_vector_;
  std::unordered_map<Key, std::vector<float>, HashOfKey> kept_;
};

class MaxSimReranker final : public Reranker {
 public:
  explicit MaxSimReranker(sparse::DenseEncoder::Worker& worker) : worker_(worker) {}

  [[nodiscard]] Status score(std::string_view question, std::span<const Candidate> candidates,
                             std::span<float> out) override {
    if (asked_ != question || !is_asked_) {
      TAMIS_TRY_OK(worker_.encode_tokens(std::span(&question, 1), Side::kQuestion, std::span(&asked_vectors_, 1)));
      asked_ = question;
      is_asked_ = true;
    }
    // Token vectors are large: few passages at a time.
    constexpr std::size_t kAtOnce = 32;
    std::vector<sparse::TokenVectors> passages;
    for (std::size_t first = 0; first < candidates.size(); first += kAtOnce) {
      const auto some = candidates.subspan(first, std::min(kAtOnce, candidates.size() - first));
      std::vector<std::string_view> texts;
      for (const auto& one : some) texts.push_back(one.text);
      passages.resize(some.size());
      TAMIS_TRY_OK(worker_.encode_tokens(texts, Side::kPassage, passages));
      for (std::size_t i = 0; i < some.size(); ++i) {
        out[first + i] = maxsim(asked_vectors_, passages[i], worker_.dimension());
      }
    }
    return ok();
  }

 private:
  sparse::DenseEncoder::Worker& worker_;
  std::string asked_;
  bool is_asked_ = false;
  sparse::TokenVectors asked_vectors_;
};

}  // namespace

float maxsim(const sparse::TokenVectors& question, const sparse::TokenVectors& passage, std::size_t dimension) {
  if (question.count == 0 || passage.count == 0) return 0;
  double sum = 0;
  for (std::size_t q = 0; q < question.count; ++q) {
    const float* const asked = question.values.data() + q * dimension;
    float best = product(asked, passage.values.data(), dimension);
    for (std::size_t p = 1; p < passage.count; ++p) {
      best = std::max(best, product(asked, passage.values.data() + p * dimension, dimension));
    }
    sum += static_cast<double>(best);
  }
  return static_cast<float>(sum / static_cast<double>(question.count));
}

std::unique_ptr<Reranker> make_dense_reranker(sparse::DenseEncoder::Worker& worker) {
  return std::make_unique<DenseReranker>(worker);
}
std::unique_ptr<Reranker> make_maxsim_reranker(sparse::DenseEncoder::Worker& worker) {
  return std::make_unique<MaxSimReranker>(worker);
}

}  // namespace tamis::search
