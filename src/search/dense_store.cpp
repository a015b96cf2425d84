#include <fmt/format.h>
#include <tamis/search/dense_store.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>

namespace tamis::search {
namespace {

constexpr FileKind kKind = {'D', 'N', 'S', '1'};
constexpr std::uint32_t kVersion = 1;
constexpr float kLargest = 127.0F;

std::uint32_t check_of(float scale, std::span<const std::int8_t> values) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &scale, sizeof(bits));
  return static_cast<std::uint32_t>(hash_bytes(std::as_bytes(values), bits));
}

Error corrupt(const SectionFile& file, std::string_view what) {
  return Error{Code::kCorrupt, fmt::format("{}: {}; remove it and run tamis index", file.path().string(), what)};
}

}  // namespace

Result<DenseStore> DenseStore::open(const std::filesystem::path& path, std::optional<std::string_view> fingerprint) {
  TAMIS_TRY(auto file, SectionFile::open(path, kKind, kVersion, kVersion));
  constexpr std::array<std::string_view, 5> kTrusted = {"encoder", "dimension", "keys", "scales", "checks"};
  TAMIS_TRY_OK(file.verify(kTrusted));
  TAMIS_TRY(const auto encoder, file.array<char>("encoder"));
  TAMIS_TRY(const auto dimension, file.array<std::uint64_t>("dimension"));
  if (dimension.size() != 1 || dimension[0] == 0 || dimension[0] > (1U << 20U)) return corrupt(file, "no dimension");
  if (fingerprint && std::string_view(encoder.data(), encoder.size()) != *fingerprint) {
    return Error{Code::kUnsupported,
                 fmt::format("{}: made with another model\n  the file: {}\n  the model: {}", path.string(),
                             std::string_view(encoder.data(), encoder.size()), *fingerprint)};
  }
  DenseStore store(std::move(file), dimension[0]);
  TAMIS_TRY(store.keys_, store.file_.array<Key>("keys"));
  TAMIS_TRY(store.scales_, store.file_.array<float>("scales"));
  TAMIS_TRY(store.checks_, store.file_.array<std::uint32_t>("checks"));
  TAMIS_TRY(store.values_, store.file_.array<std::int8_t>("values"));
  const std::size_t count = store.keys_.size();
  if (store.scales_.size() != count || store.checks_.size() != count ||
      store.values_.size() != count * store.dimension_) {
    return corrupt(store.file_,
                   fmt::format("{} keys, {} scales, {} checks, {} values of {}", count, store.scales_.size(),
                               store.checks_.size(), store.values_.size(), store.dimension_));
  }
  const bool ordered = std::adjacent_find(store.keys_.begin(), store.keys_.end(),
                                          [](const Key& a, const Key& b) { return !(a < b); }) == store.keys_.end();
  if (!ordered) return corrupt(store.file_, "keys out of order");
  return store;
}

std::optional<std::size_t> DenseStore::place(const Key& key) const noexcept {
  const auto found = std::lower_bound(keys_.begin(), keys_.end(), key);
  if (found == keys_.end() || *found != key) return std::nullopt;
  return static_cast<std::size_t>(found - keys_.begin());
}

bool DenseStore::contains(const Key& key) const noexcept { return place(key).has_value(); }

Result<std::optional<DenseStore::Vector>> DenseStore::find(const Key& key) const {
  const auto at = place(key);
  if (!at) return std::optional<Vector>();
  const Vector vector{scales_[*at], values_.subspan(*at * dimension_, dimension_)};
  if (check_of(vector.scale, vector.values) != checks_[*at] || !std::isfinite(vector.scale)) {
    return corrupt(file_, fmt::format("vector {} is damaged", *at));
  }
  return std::optional<Vector>(vector);
}

Status DenseStore::verify() const {
  for (const auto& key : keys_) TAMIS_TRY_OK(find(key));
  return ok();
}

void DenseStoreWriter::add(const DenseStore::Key& key, std::span<const float> vector) {
  if (!places_.try_emplace(key, scales_.size()).second) return;
  float largest = 0;
  for (const float x : vector) largest = std::max(largest, std::abs(x));
  const float scale = largest / kLargest;
  scales_.push_back(scale);
  for (const float x : vector)
    values_.push_back(scale > 0 ? static_cast<std::int8_t>(std::lround(x / scale)) : std::int8_t{0});
}

Status DenseStoreWriter::copy(const DenseStore& from, const DenseStore::Key& key) {
  TAMIS_TRY(const auto vector, from.find(key));
  if (!vector) return ok();
  if (vector->values.size() != dimension_) {
    return Error{Code::kInvalidArgument,
                 fmt::format("vectors of {} values (wanted {})", vector->values.size(), dimension_)};
  }
  if (!places_.try_emplace(key, scales_.size()).second) return ok();
  scales_.push_back(vector->scale);
  values_.insert(values_.end(), vector->values.begin(), vector->values.end());
  return ok();
}

Status DenseStoreWriter::finish(const std::filesystem::path& path, std::string_view fingerprint) const {
  TAMIS_TRY(auto writer, SectionWriter::create(path, kKind, kVersion));
  const std::uint64_t dimension = dimension_;
  TAMIS_TRY_OK(writer.add("encoder", std::span<const char>(fingerprint.data(), fingerprint.size())));
  TAMIS_TRY_OK(writer.add("dimension", std::span<const std::uint64_t>(&dimension, 1)));
  std::vector<DenseStore::Key> keys;
  std::vector<float> scales;
  std::vector<std::uint32_t> checks;
  const auto row = [&](std::size_t at) { return std::span(values_).subspan(at * dimension_, dimension_); };
  for (const auto& [key, at] : places_) {
    keys.push_back(key);
    scales.push_back(scales_[at]);
    checks.push_back(check_of(scales_[at], row(at)));
  }
  TAMIS_TRY_OK(writer.add("keys", std::span<const DenseStore::Key>(keys)));
  TAMIS_TRY_OK(writer.add("scales", std::span<const float>(scales)));
  TAMIS_TRY_OK(writer.add("checks", std::span<const std::uint32_t>(checks)));
  TAMIS_TRY_OK(writer.begin("values"));
  for (const auto& entry : places_) TAMIS_TRY_OK(writer.append_array(row(entry.second)));
  return writer.finish();
}

}  // namespace tamis::search
