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
  DenseReranker(sparse::DenseEncoder::Worker& worker, const DenseStore* store) : worker_(worker), store_(store) {}

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
      const auto key = DenseStore::key_of(candidates[i].text);
      if (const auto kept = kept_.find(key); kept != kept_.end()) {
        out[i] = product(asked_vector_.data(), kept->second.data(), dimension);
        continue;
      }
      TAMIS_TRY(const auto stored, store_->find(key));
      stored_.assign(stored->values.begin(), stored->values.end());
      out[i] = stored->scale * product(asked_vector_.data(), stored_.data(), dimension);
    }
    return ok();
  }

 private:
  struct HashOfKey {
    std::size_t operator()(const DenseStore::Key& key) const noexcept { return static_cast<std::size_t>(key.hash); }
  };

  Status encode_new(std::span<const Candidate> candidates) {
    const std::size_t bytes = worker_.dimension() * sizeof(float);
    if ((kept_.size() + candidates.size()) * bytes > kKeptBytes) kept_.clear();
    std::vector<std::string_view> texts;
    for (const auto& one : candidates) {
      const auto key = DenseStore::key_of(one.text);
      const bool known = kept_.contains(key) || (store_ != nullptr && store_->contains(key));
      if (!known) texts.push_back(one.text);
    }
    std::vector<float> vectors(texts.size() * worker_.dimension());
    TAMIS_TRY_OK(worker_.encode(texts, Side::kPassage, vectors));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto begin = vectors.begin() + static_cast<std::ptrdiff_t>(i * worker_.dimension());
      kept_[DenseStore::key_of(texts[i])].assign(begin, begin + static_cast<std::ptrdiff_t>(worker_.dimension()));
    }
    return ok();
  }

  sparse::DenseEncoder::Worker& worker_;
  const DenseStore* store_;
  std::string asked_;
  std::vector<float> asked_vector_, stored_;
  std::unordered_map<DenseStore::Key, std::vector<float>, HashOfKey> kept_;
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

std::unique_ptr<Reranker> make_dense_reranker(sparse::DenseEncoder::Worker& worker, const DenseStore* store) {
  return std::make_unique<DenseReranker>(worker, store);
}
std::unique_ptr<Reranker> make_maxsim_reranker(sparse::DenseEncoder::Worker& worker) {
  return std::make_unique<MaxSimReranker>(worker);
}

}  // namespace tamis::search
