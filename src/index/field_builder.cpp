#include <fmt/format.h>
#include <tamis/index/field_builder.h>

#include <algorithm>
#include <cmath>

#include "field_writer.h"
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
Status write_records(FieldWriter& writer, const ForwardInput<Level>& input, std::span<const std::uint32_t> numbers,
                     bool wide) {
  constexpr std::size_t kBufferBytes = 1U << 20;
  std::vector<std::byte> records;
  std::vector<std::uint32_t> sizes;
  for (std::size_t p = 0; p + 1 < input.starts.size(); ++p) {
    const auto begin = input.starts[p], count = input.starts[p + 1] - begin;
    sizes.push_back(
        append_record(numbers.subspan(begin, count), input.levels.data() + begin, sizeof(Level), wide, records));
    if (records.size() < kBufferBytes) continue;
    TAMIS_TRY_OK(writer.add_records(records, sizes));
    records.clear();
    sizes.clear();
  }
  return writer.add_records(records, sizes);
}

template <class Level>
Status write_field(FieldWriter& writer, const ForwardInput<Level>& input, ThreadPool& pool) {
  std::vector<std::uint32_t> numbers;  // [num_postings] term number in the segment, as input.terms
  TAMIS_TRY(auto inverted, invert(input, numbers, pool));
  for (auto& chunk : inverted.chunks) TAMIS_TRY_OK(writer.add_lists(std::move(chunk)));
  const bool wide = wide_terms(inverted.terms.size());
  TAMIS_TRY_OK(writer.end_lists(std::move(inverted.terms)));
  return write_records(writer, input, numbers, wide);
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

void FieldBuilder::reserve(std::uint64_t passages, std::uint64_t postings) {
  ids_.reserve(passages);
  starts_.reserve(passages + 1);
  terms_.reserve(postings);
  if (config_.scale.bits == 8) {
    levels8_.reserve(postings);
  } else {
    levels16_.reserve(postings);
  }
}

std::uint64_t FieldBuilder::finish_bytes() const noexcept {
  const std::uint64_t gathered = ids_.capacity() * 8 + starts_.capacity() * 8 + terms_.capacity() * 4 +
                                 levels8_.capacity() + levels16_.capacity() * 2;
  // A posting's term number, its place and level by term, and lists in the form of the file.
  return gathered + terms_.size() * (4 + 4 + config_.scale.bits / 8 + 4);
}

Result<FieldReport> FieldBuilder::finish(const std::filesystem::path& path, ThreadPool& pool) {
  TAMIS_TRY(auto writer, FieldWriter::create(path, config_));
  if (config_.scale.bits == 8) {
    TAMIS_TRY_OK(write_field(writer, ForwardInput<std::uint8_t>{starts_, terms_, levels8_}, pool));
  } else {
    TAMIS_TRY_OK(write_field(writer, ForwardInput<std::uint16_t>{starts_, terms_, levels16_}, pool));
  }
  return writer.finish(ids_, num_clipped_);
}

}  // namespace tamis::index
