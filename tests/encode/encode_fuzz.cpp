#include <tamis/encode/idf_encoder.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "tiny_model.h"

namespace {

using namespace tamis;          // NOLINT(*-using-*)
using namespace tamis::encode;  // NOLINT(*-using-*)

void require(bool holds) {
  if (!holds) std::abort();
}

void require_sound(const sparse::SparseVector& vector, std::uint32_t vocabulary) {
  require(vector.terms.size() == vector.weights.size());
  for (std::size_t i = 0; i < vector.size(); ++i) {
    require(vector.terms[i] < vocabulary && (i == 0 || vector.terms[i - 1] < vector.terms[i]));
    require(std::isfinite(vector.weights[i]) && vector.weights[i] > 0.0F);
  }
}

void check(const sparse::TextEncoder& encoder, sparse::TextEncoder::Worker& worker, std::string_view text) {
  const auto half = text.substr(0, text.size() / 2);
  const std::string_view texts[] = {text, half, text};
  sparse::SparseVector out[3];
  require(worker.encode(texts, out).has_value());
  require(same(out[0], out[2]));
  for (const auto& vector : out) require_sound(vector, encoder.vocabulary_size());
  sparse::SparseVector explained;
  std::vector<sparse::TermOrigin> origins;
  require(worker.explain(half, explained, origins).has_value());
  require(same(explained, out[1]) && origins.size() == explained.size());
  for (const auto& origin : origins) require(origin.begin <= origin.end && origin.end <= half.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TinyModel model;
  static const auto network =
      SpladeEncoder::open(model.path(), TextRole::kPassage, {}, at(tensor::Precision::kF32)).value();
  static const auto idf = IdfEncoder::from_table(network->tokenizer(), std::vector<float>(40, 2.5F)).value();
  static const auto network_worker = network->make_worker();
  static const auto idf_worker = idf->make_worker();
  const std::string_view text(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 2000));
  check(*network, *network_worker, text);
  check(*idf, *idf_worker, text);
  return 0;
}
