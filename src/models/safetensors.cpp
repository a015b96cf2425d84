#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tamis/base/buffer.h>
#include <tamis/base/section_file.h>
#include <tamis/models/safetensors.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "json.h"

namespace tamis::models {
namespace {

namespace fs = std::filesystem;
static_assert(std::endian::native == std::endian::little, "the format is little-endian, and so is all of Tamis");

constexpr std::uint64_t kMaxHeaderBytes = 64ULL << 20;
constexpr std::uint64_t kMaxIndexBytes = 64ULL << 20;
constexpr std::size_t kMaxTensors = 100'000;
constexpr std::size_t kMaxRank = 8;
constexpr std::size_t kMaxShards = 1000;

struct DTypeRow {
  std::string_view name;
  std::uint64_t bytes;
  DType dtype;
};
/// Every type whose size is known, so that lengths can be checked; the first three can be computed with.
constexpr DTypeRow kDTypes[] = {
    {"F32", 4, DType::kF32},       {"F16", 2, DType::kF16},       {"BF16", 2, DType::kBf16},
    {"F64", 8, DType::kOther},     {"I64", 8, DType::kOther},     {"U64", 8, DType::kOther},
    {"I32", 4, DType::kOther},     {"U32", 4, DType::kOther},     {"I16", 2, DType::kOther},
    {"U16", 2, DType::kOther},     {"I8", 1, DType::kOther},      {"U8", 1, DType::kOther},
    {"BOOL", 1, DType::kOther},    {"C64", 8, DType::kOther},     {"F8_E4M3", 1, DType::kOther},
    {"F8_E5M2", 1, DType::kOther}, {"F8_E8M0", 1, DType::kOther},
};

const DTypeRow* find_dtype(std::string_view name) {
  for (const auto& row : kDTypes) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

Error corrupt(std::string message) { return Error{Code::kCorrupt, std::move(message)}; }

Result<std::vector<std::uint64_t>> take_shape(const Json& entry) {
  const Json* shape = entry.find("shape");
  if (shape == nullptr || !shape->is_array()) return corrupt("no \"shape\" (wanted a list of whole numbers)");
  if (shape->items().size() > kMaxRank) {
    return corrupt(fmt::format("{} dimensions (wanted at most {})", shape->items().size(), kMaxRank));
  }
  std::vector<std::uint64_t> out;
  for (const auto& item : shape->items()) {
    const auto size = item.whole();
    if (!size) return corrupt("a dimension is no whole number");
    out.push_back(*size);
  }
  return out;
}

/// The product of sizes, or an error where it leaves 64 bits.
Result<std::uint64_t> bytes_of(const std::vector<std::uint64_t>& shape, std::uint64_t item_bytes) {
  std::uint64_t bytes = item_bytes;
  for (const auto size : shape) {
    if (__builtin_mul_overflow(bytes, size, &bytes)) {
      return corrupt(fmt::format("a shape of [{}] has more bytes than there are numbers", fmt::join(shape, ", ")));
    }
  }
  return bytes;
}

Result<WeightTensor> take_tensor(const Json::Field& field, std::uint64_t data_bytes) {
  const auto& [name, entry] = field;
  WeightTensor tensor;
  tensor.name = name;
  const Json* dtype = entry.find("dtype");
  if (dtype == nullptr || !dtype->text()) return corrupt("no \"dtype\"");
  tensor.dtype_name = *dtype->text();
  TAMIS_TRY(tensor.shape, take_shape(entry));
  const Json* offsets = entry.find("data_offsets");
  if (offsets == nullptr || offsets->items().size() != 2 || !offsets->items()[0].whole() ||
      !offsets->items()[1].whole()) {
    return corrupt("no \"data_offsets\" (wanted two whole numbers)");
  }
  const std::uint64_t begin = *offsets->items()[0].whole();
  const std::uint64_t end = *offsets->items()[1].whole();
  if (begin > end || end > data_bytes) {
    return corrupt(fmt::format("bytes {} to {} of {} that the file has", begin, end, data_bytes));
  }
  // A type that is not known has no size that could be checked, but then nothing reads it either.
  if (const auto* row = find_dtype(tensor.dtype_name)) {
    tensor.dtype = row->dtype;
    TAMIS_TRY(const std::uint64_t wanted, bytes_of(tensor.shape, row->bytes));
    if (wanted != end - begin) {
      return corrupt(
          fmt::format("{} bytes for {} {} (wanted {})", end - begin, tensor.dtype_name, tensor.shape_text(), wanted));
    }
  }
  tensor.begin = begin;
  tensor.num_bytes = end - begin;
  return tensor;
}

/// Tensors fill the data without holes and without sharing bytes: what else is in the file is nobody's.
Status check_cover(std::uint64_t data_bytes, const std::vector<WeightTensor>& tensors) {
  std::vector<const WeightTensor*> order;
  for (const auto& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return std::pair(a->begin, a->num_bytes) < std::pair(b->begin, b->num_bytes);
  });
  std::uint64_t at = 0;
  for (const auto* tensor : order) {
    if (tensor->begin < at) return corrupt(fmt::format("{}: shares bytes with another tensor", tensor->name));
    if (tensor->begin > at) {
      return corrupt(fmt::format("{}: {} bytes before it belong to no tensor", tensor->name, tensor->begin - at));
    }
    at += tensor->num_bytes;
  }
  if (at != data_bytes) return corrupt(fmt::format("{} bytes at the end belong to no tensor", data_bytes - at));
  return ok();
}

/// The JSON before the data.
Result<std::string> read_header(const RandomAccessFile& file) {
  std::uint64_t header_bytes = 0;
  if (file.size() < sizeof header_bytes) return corrupt(fmt::format("{} bytes are no safetensors file", file.size()));
  TAMIS_TRY_OK(file.read(0, std::as_writable_bytes(std::span(&header_bytes, 1))));
  if (header_bytes > file.size() - sizeof header_bytes) {
    return corrupt(fmt::format("a header of {} bytes in a file with {}: cut short, or no safetensors file",
                               header_bytes, file.size() - sizeof header_bytes));
  }
  if (header_bytes > kMaxHeaderBytes) {
    return Error{Code::kExhausted, fmt::format("a header of {} bytes (at most {})", header_bytes, kMaxHeaderBytes)};
  }
  std::string text(static_cast<std::size_t>(header_bytes), '\0');
  TAMIS_TRY_OK(file.read(sizeof header_bytes, std::as_writable_bytes(std::span(text))));
  return text;
}

Result<std::vector<WeightTensor>> parse_file(const RandomAccessFile& file) {
  TAMIS_TRY(const std::string text, read_header(file));
  auto header = Json::parse(text);
  if (!header) return within("header", std::move(header).error());
  if (!header->is_object()) return corrupt("the header is no JSON object");
  if (header->fields().size() > kMaxTensors) {
    return Error{Code::kExhausted, fmt::format("{} tensors (at most {})", header->fields().size(), kMaxTensors)};
  }
  const std::uint64_t data_begin = sizeof(std::uint64_t) + text.size();
  const std::uint64_t data_bytes = file.size() - data_begin;
  std::vector<WeightTensor> tensors;
  for (const auto& field : header->fields()) {
    if (field.first == "__metadata__") continue;
    auto tensor = take_tensor(field, data_bytes);
    if (!tensor) return within(field.first, std::move(tensor).error());
    tensors.push_back(std::move(*tensor));
  }
  TAMIS_TRY_OK(check_cover(data_bytes, tensors));
  for (auto& tensor : tensors) {
    tensor.file = &file;
    tensor.begin += data_begin;
  }
  return tensors;
}

/// A shard lies beside its index: no folders, no way out.
Status check_shard_name(std::string_view name) {
  if (name.empty() || name.find('/') != std::string_view::npos || name.find('\0') != std::string_view::npos ||
      name == "." || name == "..") {
    return corrupt(fmt::format("\"{}\" is no name of a shard", name));
  }
  return ok();
}

/// Which shard holds each tensor, by the index.
Result<std::vector<std::pair<std::string, std::string>>> read_index(const fs::path& path) {
  TAMIS_TRY(const Json index, Json::read(path, kMaxIndexBytes));
  const Json* map = index.find("weight_map");
  if (map == nullptr || !map->is_object()) {
    return within(path.string(), corrupt("no \"weight_map\" (wanted {tensor: file})"));
  }
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [tensor, file] : map->fields()) {
    const auto name = file.text();
    if (!name) return within(path.string(), corrupt(fmt::format("{}: its file is no text", tensor)));
    if (auto status = check_shard_name(*name); !status) return within(path.string(), std::move(status).error());
    out.emplace_back(tensor, *name);
  }
  return out;
}

/// The weights in other formats that people have in such folders.
Error no_weights(const fs::path& folder) {
  for (const std::string_view other :
       {"pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack", "model.onnx"}) {
    std::error_code error;
    if (fs::exists(folder / other, error)) {
      return Error{Code::kUnsupported,
                   fmt::format("{}: the weights are in {}; only safetensors is read (convert them with "
                               "save_pretrained(…, safe_serialization=True) of transformers)",
                               folder.string(), other)};
    }
  }
  return Error{Code::kNotFound,
               fmt::format("{}: no model.safetensors and no model.safetensors.index.json", folder.string())};
}

void sort_by_name(std::vector<WeightTensor>& tensors) {
  std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
}

}  // namespace

std::uint64_t WeightTensor::num_values() const noexcept {
  std::uint64_t count = 1;
  for (const auto size : shape) count *= size;
  return count;
}

std::string WeightTensor::shape_text() const { return fmt::format("[{}]", fmt::join(shape, ", ")); }

Result<Safetensors> Safetensors::open(const fs::path& file) {
  TAMIS_TRY(auto opened, RandomAccessFile::open(file));
  auto kept = std::make_unique<const RandomAccessFile>(std::move(opened));  // tensors point to it
  auto tensors = parse_file(*kept);
  if (!tensors) return within(file.string(), std::move(tensors).error());
  Safetensors out;
  out.files_.push_back(std::move(kept));
  out.tensors_ = std::move(*tensors);
  sort_by_name(out.tensors_);
  return out;
}

Result<Safetensors> Safetensors::open_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / "model.safetensors", error)) return open(folder / "model.safetensors");
  const fs::path index_path = folder / "model.safetensors.index.json";
  if (!fs::exists(index_path, error)) return no_weights(folder);
  TAMIS_TRY(const auto index, read_index(index_path));
  std::vector<std::string> names;
  for (const auto& entry : index) names.push_back(entry.second);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (names.size() > kMaxShards) {
    return Error{Code::kExhausted,
                 fmt::format("{}: {} shards (at most {})", index_path.string(), names.size(), kMaxShards)};
  }
  Safetensors out;
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& name : names) {
    TAMIS_TRY(auto shard, open(folder / name));
    for (auto& tensor : shard.tensors_) {
      found.emplace_back(tensor.name, name);
      out.tensors_.push_back(std::move(tensor));
    }
    out.files_.push_back(std::move(shard.files_.front()));
  }
  // The shards must hold what the index says and nothing else: a mixture of two downloads is damage.
  auto wanted = index;
  std::sort(wanted.begin(), wanted.end());
  std::sort(found.begin(), found.end());
  for (std::size_t i = 0; i < std::max(wanted.size(), found.size()); ++i) {
    if (i < std::min(wanted.size(), found.size()) && wanted[i] == found[i]) continue;
    const bool missing = i >= found.size() || (i < wanted.size() && wanted[i] < found[i]);
    const auto& [tensor, file] = missing ? wanted[i] : found[i];
    return corrupt(fmt::format("{}: {} is {} {}", index_path.string(), tensor,
                               missing ? "not in its shard" : "named for another shard or not at all, but lies in",
                               file));
  }
  sort_by_name(out.tensors_);
  return out;
}

const WeightTensor* Safetensors::find(std::string_view name) const noexcept {
  const auto at =
      std::lower_bound(tensors_.begin(), tensors_.end(), name,
                       [](const WeightTensor& tensor, std::string_view wanted) { return tensor.name < wanted; });
  return at != tensors_.end() && at->name == name ? &*at : nullptr;
}

Result<const WeightTensor*> Safetensors::get(std::string_view name, std::span<const std::uint64_t> shape) const {
  const WeightTensor* tensor = find(name);
  if (tensor == nullptr) return corrupt(fmt::format("{}: missing among {} tensors", name, tensors_.size()));
  if (!std::equal(shape.begin(), shape.end(), tensor->shape.begin(), tensor->shape.end())) {
    return corrupt(
        fmt::format("{}: has the shape {} (wanted [{}])", name, tensor->shape_text(), fmt::join(shape, ", ")));
  }
  if (tensor->dtype == DType::kOther) {
    return Error{Code::kUnsupported,
                 fmt::format("{}: stored as {} (wanted F32, F16 or BF16)", name, tensor->dtype_name)};
  }
  return tensor;
}

std::uint64_t Safetensors::num_bytes() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& tensor : tensors_) sum += tensor.num_bytes;
  return sum;
}

Result<std::uint64_t> Safetensors::fingerprint() const {
  constexpr std::size_t kPiece = 128 << 10;
  AlignedBuffer<std::byte> piece(kPiece);
  std::uint64_t state = 0;
  for (const auto& tensor : tensors_) {
    state = hash_text(tensor.name, state);
    state = hash_text(tensor.dtype_name, state);
    state = hash_bytes(std::as_bytes(std::span(tensor.shape)), state);
    Hasher values(state);
    for (std::uint64_t at = 0; at < tensor.num_bytes; at += kPiece) {
      const auto part =
          piece.span().first(static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, tensor.num_bytes - at)));
      TAMIS_TRY_OK(tensor.file->read(tensor.begin + at, part));
      values.add(part);
    }
    state = values.value();
  }
  return state;
}

}  // namespace tamis::models
