#include <fmt/format.h>
#include <tamis/base/check.h>
#include <tamis/base/config.h>
#include <tamis/index/sparse_field.h>

#include <algorithm>
#include <array>

#include "field_meta.h"
#include "field_parts.h"

namespace tamis::index {
namespace {

template <class T>
bool strictly_ascending(std::span<const T> values) {
  return std::adjacent_find(values.begin(), values.end(), [](T a, T b) { return a >= b; }) == values.end();
}

Status read_meta(SparseField::Parts& parts, FieldMeta& meta) {
  TAMIS_TRY(const auto raw, parts.file.bytes("meta"));
  const std::string_view text(reinterpret_cast<const char*>(raw.data()), raw.size());
  auto parsed = from_json<FieldMeta>(text);
  if (!parsed) return parts.corrupt("meta: " + parsed.error().message);
  meta = *std::move(parsed);
  parts.config = meta.field_config();
  parts.num_postings = meta.num_postings;
  parts.level_bytes = parts.config.scale.bits / 8;
  parts.wide_terms = meta.num_terms > 65536;
  return ok();
}

Status check_directories(const SparseField::Parts& parts, const FieldMeta& meta) {
  const auto& p = parts;
  if (p.ids.size() != meta.num_passages || p.terms.size() != meta.num_terms || p.lists.size() != meta.num_terms ||
      p.forward_offsets.size() != meta.num_passages + 1) {
    return p.corrupt(fmt::format("{} ids, {} terms, {} lists, {} records (meta says {} passages, {} terms)",
                                 p.ids.size(), p.terms.size(), p.lists.size(), p.forward_offsets.size(),
                                 meta.num_passages, meta.num_terms));
  }
  if (meta.num_passages >= 0xFFFFFFFFULL) return p.corrupt("too many passages for one segment");
  if (!strictly_ascending(p.ids)) return p.corrupt("passage ids do not ascend");
  if (!strictly_ascending(p.terms)) return p.corrupt("terms do not ascend");
  if (p.short_levels.size() != p.short_docs.size() * p.level_bytes) {
    return p.corrupt("short lists have another number of levels than of passages");
  }
  std::uint64_t postings = 0;
  for (std::size_t i = 0; i < p.lists.size(); ++i) {
    const List& list = p.lists[i];
    const std::uint64_t end = list.first + (list.num_blocks == 0 ? list.count : list.num_blocks);
    const std::uint64_t limit = list.num_blocks == 0 ? p.short_docs.size() : p.blocks.size();
    if (list.count == 0 || list.count > p.ids.size() || list.first > limit || end > limit ||
        list.num_blocks > p.num_windows()) {
      return p.corrupt(fmt::format("list of term {} lies outside the file", p.terms[i]));
    }
    postings += list.count;
  }
  if (postings != meta.num_postings) {
    return p.corrupt(fmt::format("lists hold {} postings (meta says {})", postings, meta.num_postings));
  }
  if (p.forward_offsets.front() != 0 || !std::is_sorted(p.forward_offsets.begin(), p.forward_offsets.end()) ||
      std::uint64_t{p.forward_offsets.back()} * kRecordAlign != p.forward.size()) {
    return p.corrupt("forward records do not follow each other");
  }
  return ok();
}

}  // namespace

Error SparseField::Parts::corrupt(std::string what) const {
  return Error{Code::kCorrupt, file.path().string() + ": " + std::move(what) + "; build the index again"};
}

Result<SparseField> SparseField::open(const std::filesystem::path& path) {
  TAMIS_TRY(auto file, SectionFile::open(path, kFieldKind, kFieldVersion, kFieldVersion));
  auto parts = std::make_shared<Parts>(std::move(file));
  static constexpr std::array<std::string_view, 5> kDirectories = {"meta", "ids", "terms", "lists", "forward_offsets"};
  TAMIS_TRY_OK(parts->file.verify(kDirectories));
  FieldMeta meta;
  TAMIS_TRY_OK(read_meta(*parts, meta));
  TAMIS_TRY(parts->ids, parts->file.array<PassageId>("ids"));
  TAMIS_TRY(parts->terms, parts->file.array<TermId>("terms"));
  TAMIS_TRY(parts->lists, parts->file.array<List>("lists"));
  TAMIS_TRY(parts->blocks, parts->file.array<Block>("blocks"));
  TAMIS_TRY(parts->short_docs, parts->file.array<LocalId>("short_docs"));
  TAMIS_TRY(parts->short_levels, parts->file.bytes("short_levels"));
  TAMIS_TRY(parts->payload, parts->file.bytes("payload"));
  TAMIS_TRY(parts->forward_offsets, parts->file.array<std::uint32_t>("forward_offsets"));
  TAMIS_TRY(parts->forward, parts->file.bytes("forward"));
  TAMIS_TRY_OK(check_directories(*parts, meta));
  parts->checked = std::make_unique<std::atomic<bool>[]>(parts->terms.size());
  return SparseField(std::shared_ptr<const Parts>(std::move(parts)));
}

const FieldConfig& SparseField::config() const noexcept { return parts_->config; }
std::uint32_t SparseField::num_passages() const noexcept { return parts_->num_passages(); }
std::uint64_t SparseField::num_postings() const noexcept { return parts_->num_postings; }
std::uint32_t SparseField::num_terms() const noexcept { return static_cast<std::uint32_t>(parts_->terms.size()); }
std::uint64_t SparseField::size_bytes() const noexcept { return parts_->file.size_bytes(); }
std::span<const PassageId> SparseField::ids() const noexcept { return parts_->ids; }
std::span<const TermId> SparseField::terms() const noexcept { return parts_->terms; }

std::optional<LocalId> SparseField::local(PassageId id) const noexcept {
  const auto ids = parts_->ids;
  const auto found = std::lower_bound(ids.begin(), ids.end(), id);
  if (found == ids.end() || *found != id) return std::nullopt;
  return static_cast<LocalId>(found - ids.begin());
}

std::optional<std::uint32_t> SparseField::term_number(TermId term) const noexcept {
  const auto terms = parts_->terms;
  const auto found = std::lower_bound(terms.begin(), terms.end(), term);
  if (found == terms.end() || *found != term) return std::nullopt;
  return static_cast<std::uint32_t>(found - terms.begin());
}

std::uint32_t SparseField::document_frequency(TermId term) const noexcept {
  const auto number = term_number(term);
  return number ? parts_->lists[*number].count : 0;
}

Result<Bitmap> SparseField::passages_with(TermId term) const {
  Bitmap bitmap(num_passages());
  const auto number = term_number(term);
  if (!number) return bitmap;
  TAMIS_TRY_OK(parts_->check_list_once(*number));
  parts_->for_each_posting(parts_->lists[*number], [&](LocalId passage, std::uint32_t) { bitmap.set(passage); });
  return bitmap;
}

Status SparseField::check_lists(const PreparedQuery& query) const {
  for (const auto& term : query.terms) {
    if (const auto number = term_number(term.term)) TAMIS_TRY_OK(parts_->check_list_once(*number));
  }
  return ok();
}

void SparseField::vector(LocalId passage, std::vector<TermId>& terms, std::vector<std::uint16_t>& levels) const {
  TAMIS_CHECK(passage < num_passages(), "passage number out of range");
  const auto record = parts_->record(passage);
  terms.clear();
  levels.clear();
  for (std::uint32_t i = 0; i < record.count; ++i) {
    terms.push_back(parts_->terms[parts_->record_term(record, i)]);
    levels.push_back(static_cast<std::uint16_t>(parts_->level_at(record.levels, i)));
  }
}

std::uint32_t SparseField::score(LocalId passage, const PreparedQuery& query) const {
  TAMIS_CHECK(passage < num_passages(), "passage number out of range");
  const auto record = parts_->record(passage);
  std::uint32_t sum = 0;
  std::size_t q = 0;
  for (std::uint32_t i = 0; i < record.count && q < query.terms.size(); ++i) {
    const TermId term = parts_->terms[parts_->record_term(record, i)];
    while (q < query.terms.size() && query.terms[q].term < term) ++q;
    if (q < query.terms.size() && query.terms[q].term == term) {
      sum += query.terms[q].weight * parts_->level_at(record.levels, i);
    }
  }
  return sum;
}

}  // namespace tamis::index
