#include "weight_loader.h"

#include <tamis/base/check.h>

#include <cstdint>
#include <utility>

namespace tamis::models {
namespace {

/// The values of a tensor as a matrix: where they lie when they can be read there, else copied.
Result<tensor::ConstMatrixView> view(const WeightTensor& tensor, AlignedBuffer<float>& copy) {
  const auto rows = static_cast<std::size_t>(tensor.shape[0]);
  const auto cols = static_cast<std::size_t>(tensor.shape[1]);
  const bool in_place =
      tensor.dtype == DType::kF32 && reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % alignof(float) == 0;
  if (in_place) {
    TAMIS_TRY_OK(check_finite(tensor));
    return tensor::ConstMatrixView(reinterpret_cast<const float*>(tensor.bytes.data()), rows, cols);
  }
  copy = AlignedBuffer<float>(rows * cols);
  TAMIS_TRY_OK(read_weights(tensor, copy.span()));
  return tensor::ConstMatrixView(copy.data(), rows, cols);
}

}  // namespace

Result<std::vector<float>> WeightLoader::values(const std::string& name, std::uint32_t size) const {
  const std::uint64_t shape[] = {size};
  TAMIS_TRY(const WeightTensor* tensor, file_.get(name, shape));
  std::vector<float> out(size);
  TAMIS_TRY_OK(read_weights(*tensor, out));
  return out;
}

Result<Norm> WeightLoader::norm(const std::string& name, std::uint32_t size) const {
  const bool old_names = has(name + ".gamma");
  Norm out;
  TAMIS_TRY(out.gamma, values(name + (old_names ? ".gamma" : ".weight"), size));
  const std::string shift = name + (old_names ? ".beta" : ".bias");
  if (has(shift)) {
    TAMIS_TRY(out.beta, values(shift, size));
  }
  return out;
}

Result<tensor::PackedLinear> WeightLoader::linear(const std::string& name, std::uint32_t out, std::uint32_t in) const {
  return linears(std::span(&name, 1), out, in);
}

Result<tensor::PackedLinear> WeightLoader::linears(std::span<const std::string> names, std::uint32_t out,
                                                   std::uint32_t in) const {
  const std::uint64_t shape[] = {out, in};
  std::vector<const WeightTensor*> parts;
  std::vector<float> bias;
  for (const auto& name : names) {
    TAMIS_TRY(const WeightTensor* tensor, file_.get(name + ".weight", shape));
    parts.push_back(tensor);
    if (!has(name + ".bias")) continue;
    TAMIS_TRY(const auto part, values(name + ".bias", out));
    bias.insert(bias.end(), part.begin(), part.end());
  }
  if (!bias.empty() && bias.size() != names.size() * out) {
    return Error{Code::kCorrupt, names[0] + ".bias: only some of the projections beside it have one"};
  }
  const std::size_t count = std::size_t{out} * in;
  AlignedBuffer<float> together(parts.size() > 1 ? parts.size() * count : 0);
  tensor::ConstMatrixView weights(together.data(), parts.size() * out, in);
  for (std::size_t i = 0; parts.size() > 1 && i < parts.size(); ++i) {
    TAMIS_TRY_OK(read_weights(*parts[i], together.span().subspan(i * count, count)));
    release_pages(*parts[i]);
  }
  if (parts.size() == 1) {
    TAMIS_TRY(weights, view(*parts[0], together));
  }
  auto packed = tensor::PackedLinear::pack(weights, bias, options_.precision, options_.level);
  for (const auto* tensor : parts) release_pages(*tensor);
  if (!packed) return within(names[0], std::move(packed).error());
  return packed;
}

Result<tensor::PackedHead> WeightLoader::head(const std::string& weights, const std::string& bias,
                                              std::uint32_t vocabulary, std::uint32_t hidden) const {
  const std::uint64_t shape[] = {vocabulary, hidden};
  TAMIS_TRY(const WeightTensor* tensor, file_.get(weights, shape));
  std::vector<float> bias_values;
  if (!bias.empty()) {
    TAMIS_TRY(bias_values, values(bias, vocabulary));
  }
  AlignedBuffer<float> copy;
  TAMIS_TRY(const auto matrix, view(*tensor, copy));
  auto packed = tensor::PackedHead::pack(matrix, bias_values, options_.precision, options_.level);
  release_pages(*tensor);
  if (!packed) return within(weights, std::move(packed).error());
  return packed;
}

Result<WeightTensor> WeightLoader::table(const std::string& name, std::uint32_t rows, std::uint32_t cols) const {
  const std::uint64_t shape[] = {rows, cols};
  TAMIS_TRY(const WeightTensor* tensor, file_.get(name, shape));
  TAMIS_TRY_OK(check_finite(*tensor));
  release_pages(*tensor);
  return *tensor;
}

Result<AlignedBuffer<float>> WeightLoader::matrix(const std::string& name, std::uint32_t rows,
                                                  std::uint32_t cols) const {
  const std::uint64_t shape[] = {rows, cols};
  TAMIS_TRY(const WeightTensor* tensor, file_.get(name, shape));
  AlignedBuffer<float> out(std::size_t{rows} * cols);
  TAMIS_TRY_OK(read_weights(*tensor, out.span()));
  return out;
}

}  // namespace tamis::models
