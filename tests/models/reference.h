#pragma once

#include <tamis/models/encoder.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json.h"

namespace tamis::models {

/// What PyTorch says about some texts: the reference.json that make_checkpoints.py writes.
struct Reference {
  bool sparse = false;
  std::vector<std::vector<std::uint32_t>> texts;
  std::vector<tensor::PassageTerms> terms;  // sparse
  std::vector<std::vector<float>> vectors;  // dense

  [[nodiscard]] std::vector<TokenSpan> batch() const { return {texts.begin(), texts.end()}; }
};

template <class T>
std::vector<T> numbers(const Json& list) {
  std::vector<T> out;
  for (const auto& item : list.items()) out.push_back(static_cast<T>(item.number().value()));
  return out;
}

inline Reference read_reference(const std::filesystem::path& folder) {
  const Json root = Json::read(folder / "reference.json", 1ULL << 30).value();
  Reference out;
  out.sparse = root.find("kind")->text() == std::string_view("sparse");
  for (const auto& ids : root.find("texts")->items()) out.texts.push_back(numbers<std::uint32_t>(ids));
  if (!out.sparse) {
    for (const auto& vector : root.find("vectors")->items()) out.vectors.push_back(numbers<float>(vector));
    return out;
  }
  for (std::size_t i = 0; i < out.texts.size(); ++i) {
    tensor::PassageTerms terms;
    terms.terms = numbers<std::uint32_t>(root.find("terms")->items()[i]);
    terms.weights = numbers<float>(root.find("weights")->items()[i]);
    terms.positions = numbers<std::uint32_t>(root.find("positions")->items()[i]);
    out.terms.push_back(std::move(terms));
  }
  return out;
}

/// The largest difference of a term's weight, a term that is missing having weight 0, over the largest weight wanted.
inline double relative_error(const tensor::PassageTerms& seen, const tensor::PassageTerms& wanted) {
  double worst = 0.0;
  double top = 0.0;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < seen.terms.size() || j < wanted.terms.size()) {
    const std::uint32_t none = ~0U;
    const std::uint32_t a = i < seen.terms.size() ? seen.terms[i] : none;
    const std::uint32_t b = j < wanted.terms.size() ? wanted.terms[j] : none;
    const double mine = a <= b ? static_cast<double>(seen.weights[i++]) : 0.0;
    const double theirs = b <= a ? static_cast<double>(wanted.weights[j++]) : 0.0;
    worst = std::max(worst, std::isfinite(mine) ? std::abs(mine - theirs) : 1e30);
    top = std::max(top, theirs);
  }
  return top > 0.0 ? worst / top : worst;
}

inline double relative_error(std::span<const float> seen, std::span<const float> wanted) {
  double worst = 0.0;
  double top = 0.0;
  for (std::size_t d = 0; d < wanted.size(); ++d) {
    const double difference = std::abs(static_cast<double>(seen[d]) - static_cast<double>(wanted[d]));
    worst = std::max(worst, std::isfinite(difference) ? difference : 1e30);
    top = std::max(top, std::abs(static_cast<double>(wanted[d])));
  }
  return worst / top;
}

/// The largest relative error of a model over the texts of a reference.
inline double parity(const std::filesystem::path& model, const Reference& reference, const EncoderOptions& options) {
  const auto encoder = Encoder::load(describe_folder(model).value(), options).value();
  const auto batch = reference.batch();
  EncoderScratch scratch;
  double worst = 0.0;
  if (reference.sparse) {
    std::vector<tensor::PassageTerms> out(batch.size());
    encoder.encode_sparse(batch, {}, out, scratch).value();
    for (std::size_t i = 0; i < out.size(); ++i) worst = std::max(worst, relative_error(out[i], reference.terms[i]));
    return worst;
  }
  std::vector<float> out(batch.size() * encoder.dimension());
  encoder.encode_dense(batch, tensor::MatrixView(out.data(), batch.size(), encoder.dimension()), scratch).value();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::span row(out.data() + i * encoder.dimension(), encoder.dimension());
    worst = std::max(worst, relative_error(row, reference.vectors[i]));
  }
  return worst;
}

}  // namespace tamis::models
