#include "relative_attention.h"

#include <algorithm>
#include <cmath>

namespace tamis::models {
namespace {

constexpr std::size_t kLanes = 16;  // keys a step: a loop of fixed length becomes vector code

/// scores[j] = query · key_j, the keys lying by coordinate: [head_dim][padded].
void score(const float* query, const float* keys, std::size_t head_dim, std::size_t padded, float* scores) {
  for (std::size_t begin = 0; begin < padded; begin += kLanes) {
    float sums[kLanes] = {};
    for (std::size_t d = 0; d < head_dim; ++d) {
      const float* key = keys + d * padded + begin;
      for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += query[d] * key[lane];
    }
    std::copy_n(sums, kLanes, scores + begin);
  }
}

/// Turns scores into probabilities.
void softmax(float* scores, std::size_t count) {
  const float top = *std::max_element(scores, scores + count);
  float sum = 0.0F;
  for (std::size_t j = 0; j < count; ++j) {
    scores[j] = std::exp(scores[j] - top);
    sum += scores[j];
  }
  for (std::size_t j = 0; j < count; ++j) scores[j] /= sum;
}

}  // namespace

std::uint32_t relative_bucket(std::int64_t distance) noexcept {
  constexpr std::uint32_t kSide = 16;   // half of the buckets for what stands behind, half for what stands before
  constexpr std::uint32_t kExact = 8;   // distances with a bucket of their own
  constexpr double kMaxDistance = 128;  // from here on all share the last one
  const std::uint32_t side = distance > 0 ? kSide : 0;
  const auto apart = static_cast<std::uint64_t>(std::abs(distance));
  if (apart < kExact) return side + static_cast<std::uint32_t>(apart);
  // In f32, as the models were trained.
  const float ratio = std::log(static_cast<float>(apart) / static_cast<float>(kExact)) /
                      static_cast<float>(std::log(kMaxDistance / kExact));
  const auto far = static_cast<std::uint32_t>(ratio * static_cast<float>(kSide - kExact));
  return side + std::min(kExact + far, kSide - 1);
}

RelativeBias::RelativeBias(const AlignedBuffer<float>& table, const TransformerConfig& config)
    : heads_(config.num_heads), max_tokens_(config.max_tokens) {
  const auto reach = static_cast<std::int64_t>(max_tokens_) - 1;
  for (std::size_t head = 0; head < heads_; ++head) {
    for (std::int64_t distance = -reach; distance <= reach; ++distance) {
      bias_.push_back(table[relative_bucket(distance) * heads_ + head]);
    }
  }
}

void RelativeBias::attend(tensor::ConstMatrixView queries, tensor::ConstMatrixView keys, tensor::ConstMatrixView values,
                          tensor::MatrixView out, std::vector<float>& work) const {
  const std::size_t tokens = queries.rows;
  const std::size_t head_dim = queries.cols / heads_;
  const std::size_t padded = (tokens + kLanes - 1) / kLanes * kLanes;
  const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim));
  work.assign(head_dim * padded + padded, 0.0F);
  float* turned = work.data();
  float* scores = turned + head_dim * padded;
  for (std::size_t head = 0; head < heads_; ++head) {
    const std::size_t first = head * head_dim;
    for (std::size_t j = 0; j < tokens; ++j) {
      for (std::size_t d = 0; d < head_dim; ++d) turned[d * padded + j] = keys.row(j)[first + d];
    }
    const float* bias = bias_.data() + head * (2 * max_tokens_ - 1) + max_tokens_ - 1;
    for (std::size_t i = 0; i < tokens; ++i) {
      score(queries.row(i) + first, turned, head_dim, padded, scores);
      for (std::size_t j = 0; j < tokens; ++j) {
        scores[j] = scores[j] * scale + bias[static_cast<std::ptrdiff_t>(j) - static_cast<std::ptrdiff_t>(i)];
      }
      softmax(scores, tokens);
      float* target = out.row(i) + first;
      std::fill_n(target, head_dim, 0.0F);
      for (std::size_t j = 0; j < tokens; ++j) {
        for (std::size_t d = 0; d < head_dim; ++d) target[d] += scores[j] * values.row(j)[first + d];
      }
    }
  }
}

}  // namespace tamis::models
