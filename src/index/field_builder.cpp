#include <fmt/format.h>
#include <tamis/base/config.h>
#include <tamis/index/field_builder.h>

#include <algorithm>
#include <cmath>

#include "field_meta.h"
#include "field_parts.h"
#include "invert.h"

namespace tamis::index {
namespace {

Status check_order(std::span<const TermId> terms) {
  for (std::size_t i = 1; i < terms.size(); ++i) {
    if (terms[i] <= terms[i - 1]) {
      return Error{Code::kInvalidArgument,
                   fmt::format("vector: term {} after {} (wanted ascending)", terms[i], terms[i - 1])};
    }
  }
  return ok();
}

template <class Level>
Status write_forward(SectionWriter& writer, const ForwardInput<Level>& input, std::span<const std::uint32_t> numbers,
                     bool wide) {
  const std::size_t num_passages = input.starts.size() - 1;
  std::vector<std::uint32_t> offsets(num_passages + 1);
  std::vector<std::byte> record, buffer;
  TAMIS_TRY_OK(writer.begin("forward"));
  std::uint64_t position = 0;
  for (std::size_t p = 0; p < num_passages; ++p) {
    const std::uint64_t begin = input.starts[p];
    const auto count = static_cast<std::uint32_t>(input.starts[p + 1] - begin);
    const std::size_t term_bytes = wide ? 4 : 2;
    const std::size_t bytes = 4 + count * (term_bytes + sizeof(Level));
    record.assign((bytes + kRecordAlign - 1) / kRecordAlign * kRecordAlign, std::byte{0});
    std::memcpy(record.data(), &count, 4);
    auto* out = record.data() + 4;
    for (std::uint32_t i = 0; i < count; ++i, out += term_bytes) {
      const std::uint32_t number = numbers[begin + i];
      std::memcpy(out, &number, term_bytes);  // little-endian: the low half comes first
    }
    if (count != 0) std::memcpy(out, input.levels.data() + begin, count * sizeof(Level));
    buffer.insert(buffer.end(), record.begin(), record.end());
    if (buffer.size() >= (1U << 20)) {
      TAMIS_TRY_OK(writer.append(buffer));
      buffer.clear();
    }
    position += record.size() / kRecordAlign;
    if (position > 0xFFFFFFFFULL) return Error{Code::kExhausted, "forward records: over 64 GiB in one segment"};
    offsets[p + 1] = static_cast<std::uint32_t>(position);
  }
  TAMIS_TRY_OK(writer.append(buffer));
  return writer.add<std::uint32_t>("forward_offsets", offsets);
}

Status write_lists(SectionWriter& writer, const Inverted& inverted) {
  TAMIS_TRY_OK(writer.add<TermId>("terms", inverted.terms));
  TAMIS_TRY_OK(writer.add<List>("lists", inverted.lists));
  TAMIS_TRY_OK(writer.begin("blocks"));
  for (const auto& chunk : inverted.chunks) TAMIS_TRY_OK(writer.append_array<Block>(chunk.blocks));
  TAMIS_TRY_OK(writer.begin("short_docs"));
  for (const auto& chunk : inverted.chunks) TAMIS_TRY_OK(writer.append_array<LocalId>(chunk.short_docs));
  TAMIS_TRY_OK(writer.begin("short_levels"));
  for (const auto& chunk : inverted.chunks) TAMIS_TRY_OK(writer.append(chunk.short_levels));
  TAMIS_TRY_OK(writer.begin("payload"));
  for (const auto& chunk : inverted.chunks) TAMIS_TRY_OK(writer.append(chunk.payload));
  return ok();
}

}  // namespace

FieldBuilder::FieldBuilder(FieldConfig config) : config_(std::move(config)) {}

Status FieldBuilder::add(PassageId id, sparse::SparseView vector) {
  if (vector.terms.size() != vector.weights.size()) {
    return Error{Code::kInvalidArgument,
                 fmt::format("vector: {} terms but {} weights", vector.terms.size(), vector.weights.size())};
  }
  for (std::size_t i = 0; i < vector.weights.size(); ++i) {
    if (!std::isfinite(vector.weights[i]) || vector.weights[i] <= 0) {
      return Error{Code::kInvalidArgument, fmt::format("vector: weight {} of term {} (wanted finite and above 0)",
                                                       vector.weights[i], vector.terms[i])};
    }
  }
  scratch_.resize(vector.weights.size());
  num_clipped_ += sparse::quantize(config_.scale, vector.weights, scratch_);
  return add_levels(id, vector.terms, scratch_);
}

Status FieldBuilder::add_levels(PassageId id, std::span<const TermId> terms, std::span<const std::uint16_t> levels) {
  if (!ids_.empty() && id <= ids_.back()) {
    return Error{Code::kInvalidArgument, fmt::format("passage {} after {} (wanted ascending)", id, ids_.back())};
  }
  if (ids_.size() >= 0xFFFFFFFEULL) return Error{Code::kExhausted, "segment: too many passages"};
  if (terms.size() != levels.size()) {
    return Error{Code::kInvalidArgument, fmt::format("vector: {} terms, {} levels", terms.size(), levels.size())};
  }
  TAMIS_TRY_OK(check_order(terms));
  const auto bad = std::find_if(levels.begin(), levels.end(),
                                [&](std::uint16_t level) { return level == 0 || level > config_.scale.levels(); });
  if (bad != levels.end()) {
    return Error{Code::kInvalidArgument,
                 fmt::format("vector: level {} (wanted 1 to {})", *bad, config_.scale.levels())};
  }
  ids_.push_back(id);
  terms_.insert(terms_.end(), terms.begin(), terms.end());
  if (config_.scale.bits == 8) {
    for (const auto level : levels) levels8_.push_back(static_cast<std::uint8_t>(level));
  } else {
    levels16_.insert(levels16_.end(), levels.begin(), levels.end());
  }
  starts_.push_back(terms_.size());
  return ok();
}

std::uint64_t FieldBuilder::memory_bytes() const noexcept {
  return ids_.capacity() * 8 + starts_.capacity() * 8 + terms_.capacity() * 4 + levels8_.capacity() +
         levels16_.capacity() * 2;
}

Result<FieldReport> FieldBuilder::finish(const std::filesystem::path& path, ThreadPool& pool) {
  TAMIS_TRY_OK(config_.scale.validate());
  std::vector<std::uint32_t> numbers;  // [num_postings] term number in the segment, as terms_
  Inverted inverted;
  if (config_.scale.bits == 8) {
    TAMIS_TRY(inverted, invert(ForwardInput<std::uint8_t>{starts_, terms_, levels8_}, numbers, pool));
  } else {
    TAMIS_TRY(inverted, invert(ForwardInput<std::uint16_t>{starts_, terms_, levels16_}, numbers, pool));
  }
  FieldMeta meta{config_.name,       config_.fingerprint, std::bit_cast<std::uint32_t>(config_.scale.ceiling),
                 config_.scale.bits, ids_.size(),         inverted.terms.size(),
                 terms_.size(),      num_clipped_};
  TAMIS_TRY(auto writer, SectionWriter::create(path, kFieldKind, kFieldVersion));
  const std::string json = to_json(meta);
  TAMIS_TRY_OK(writer.add<char>("meta", std::span<const char>(json)));
  TAMIS_TRY_OK(writer.add<PassageId>("ids", ids_));
  TAMIS_TRY_OK(write_lists(writer, inverted));
  const bool wide = inverted.terms.size() > 65536;
  if (config_.scale.bits == 8) {
    TAMIS_TRY_OK(write_forward(writer, ForwardInput<std::uint8_t>{starts_, terms_, levels8_}, numbers, wide));
  } else {
    TAMIS_TRY_OK(write_forward(writer, ForwardInput<std::uint16_t>{starts_, terms_, levels16_}, numbers, wide));
  }
  TAMIS_TRY_OK(writer.finish());
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  return FieldReport{meta.num_passages, meta.num_postings, meta.num_terms, num_clipped_, error ? 0 : bytes};
}

}  // namespace tamis::index
