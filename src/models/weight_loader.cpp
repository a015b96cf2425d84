#include "weight_loader.h"

#include <cstdint>
#include <utility>

namespace tamis::models {
tensor::ConstMatrixView StoredRows::values(AlignedBuffer<float>& copy) const {
  if (dtype_ == DType::kF32) return {reinterpret_cast<const float*>(bytes_.data()), rows(), cols_};
  copy = AlignedBuffer<float>(rows() * cols_);
  widen(dtype_, bytes_.data(), copy.span());
  return {copy.data(), rows(), cols_};
}

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
  AlignedBuffer<float> together(parts.size() * count);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    TAMIS_TRY_OK(read_weights(*parts[i], together.span().subspan(i * count, count)));
  }
  const tensor::ConstMatrixView weights(together.data(), parts.size() * out, in);
  auto packed = tensor::PackedLinear::pack(weights, bias, options_.precision, options_.level);
  if (!packed) return within(names[0], std::move(packed).error());
  return packed;
}

Result<tensor::PackedHead> WeightLoader::head(const StoredRows& weights, const std::string& bias) const {
  std::vector<float> bias_values;
  if (!bias.empty()) {
    TAMIS_TRY(bias_values, values(bias, static_cast<std::uint32_t>(weights.rows())));
  }
  AlignedBuffer<float> copy;
  return tensor::PackedHead::pack(weights.values(copy), bias_values, options_.precision, options_.level);
}

Result<StoredRows> WeightLoader::table(const std::string& name, std::uint32_t rows, std::uint32_t cols) const {
  const std::uint64_t shape[] = {rows, cols};
  TAMIS_TRY(const WeightTensor* tensor, file_.get(name, shape));
  StoredRows out(tensor->dtype, rows, cols);
  TAMIS_TRY_OK(read_stored(*tensor, out.bytes()));
  return out;
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
