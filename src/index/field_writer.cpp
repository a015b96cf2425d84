#include "field_writer.h"

#include <tamis/base/config.h>

#include <bit>
#include <cstring>
#include <system_error>

#include "field_meta.h"
#include "field_parts.h"

namespace tamis::index {
namespace {

/// Of a list's bytes in the chunk, whose blocks have their places in the file already.
[[nodiscard]] std::uint64_t checksum_of(const List& list, const ListChunk& chunk, std::uint64_t payload,
                                        std::size_t level_bytes) {
  if (list.num_blocks == 0) {
    const auto docs = std::span<const LocalId>(chunk.short_docs).subspan(list.first, list.count);
    const auto levels = std::span<const std::byte>(chunk.short_levels);
    return hash_bytes(levels.subspan(list.first * level_bytes, list.count * level_bytes),
                      hash_bytes(std::as_bytes(docs)));
  }
  const auto used = std::span<const Block>(chunk.blocks).subspan(list.first, list.num_blocks);
  const Block& last = used.back();
  const auto last_bytes = last.dense() ? kWindowPassages * level_bytes : last.count() * (2 + level_bytes);
  const auto begin = used.front().offset - payload, end = last.offset - payload + last_bytes;
  return hash_bytes(std::span<const std::byte>(chunk.payload).subspan(begin, end - begin),
                    hash_bytes(std::as_bytes(used)));
}

template <class T>
void append(std::vector<T>& out, const std::vector<T>& more) {
  out.insert(out.end(), more.begin(), more.end());
}

}  // namespace

Result<FieldWriter> FieldWriter::create(const std::filesystem::path& path, FieldConfig config) {
  TAMIS_TRY_OK(config.scale.validate());
  TAMIS_TRY(auto writer, SectionWriter::create(path, kFieldKind, kFieldVersion));
  TAMIS_TRY_OK(writer.begin("payload"));
  return FieldWriter(path, std::move(config), std::move(writer));
}

Status FieldWriter::add_lists(ListChunk chunk) {
  const std::size_t level_bytes = config_.scale.bits / 8;
  for (auto& block : chunk.blocks) block.offset += payload_;
  for (auto& list : chunk.lists) {
    num_postings_ += list.count;
    list.checksum = checksum_of(list, chunk, payload_, level_bytes);
    list.first += list.num_blocks == 0 ? directory_.short_docs.size() : directory_.blocks.size();
  }
  append(directory_.lists, chunk.lists);
  append(directory_.blocks, chunk.blocks);
  append(directory_.short_docs, chunk.short_docs);
  append(directory_.short_levels, chunk.short_levels);
  payload_ += chunk.payload.size();
  return writer_.append(chunk.payload);
}

Status FieldWriter::end_lists(std::vector<TermId> terms) {
  terms_ = std::move(terms);
  TAMIS_TRY_OK(writer_.add<TermId>("terms", terms_));
  TAMIS_TRY_OK(writer_.add<List>("lists", directory_.lists));
  TAMIS_TRY_OK(writer_.add<Block>("blocks", directory_.blocks));
  TAMIS_TRY_OK(writer_.add<LocalId>("short_docs", directory_.short_docs));
  TAMIS_TRY_OK(writer_.add<std::byte>("short_levels", directory_.short_levels));
  directory_ = {};
  return writer_.begin("forward");
}

Status FieldWriter::add_records(std::span<const std::byte> records, std::span<const std::uint32_t> sizes) {
  for (const auto size : sizes) {
    const std::uint64_t end = std::uint64_t{forward_offsets_.back()} + size;
    if (end > 0xFFFFFFFFULL) return Error{Code::kExhausted, "forward records: over 64 GiB in one segment"};
    forward_offsets_.push_back(static_cast<std::uint32_t>(end));
  }
  return writer_.append(records);
}

Result<FieldReport> FieldWriter::finish(std::span<const PassageId> ids, std::uint64_t num_clipped) {
  TAMIS_TRY_OK(writer_.add<std::uint32_t>("forward_offsets", forward_offsets_));
  TAMIS_TRY_OK(writer_.add<PassageId>("ids", ids));
  const FieldMeta meta{config_.name,       config_.fingerprint, std::bit_cast<std::uint32_t>(config_.scale.ceiling),
                       config_.scale.bits, ids.size(),          terms_.size(),
                       num_postings_,      num_clipped};
  const std::string json = to_json(meta);
  TAMIS_TRY_OK(writer_.add<char>("meta", std::span<const char>(json)));
  TAMIS_TRY_OK(writer_.finish());
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path_, error);
  return FieldReport{meta.num_passages, meta.num_postings, meta.num_terms, num_clipped, error ? 0 : bytes};
}

std::uint32_t append_record(std::span<const std::uint32_t> numbers, const void* levels, std::size_t level_bytes,
                            bool wide, std::vector<std::byte>& out) {
  const auto count = static_cast<std::uint32_t>(numbers.size());
  const std::size_t term_bytes = wide ? 4 : 2;
  const std::size_t bytes = 4 + count * (term_bytes + level_bytes);
  const auto units = static_cast<std::uint32_t>((bytes + kRecordAlign - 1) / kRecordAlign);
  const std::size_t begin = out.size();
  out.resize(begin + std::size_t{units} * kRecordAlign);
  auto* at = out.data() + begin;
  std::memcpy(at, &count, 4);
  at += 4;
  for (const auto number : numbers) {
    std::memcpy(at, &number, term_bytes);  // little-endian: the low half comes first
    at += term_bytes;
  }
  if (count != 0) std::memcpy(at, levels, count * level_bytes);
  return units;
}

}  // namespace tamis::index
