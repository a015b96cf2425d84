#include <fmt/format.h>
#include <tamis/index/sparse_field.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "field_parts.h"
#include "field_writer.h"

namespace tamis::index {
namespace {

constexpr LocalId kDropped = std::numeric_limits<LocalId>::max();
constexpr std::size_t kRecordsAtOnce = 1024;

/// Merges list by list, then record by record: nothing of the postings is kept but the chunks under way.
template <class Level>
class FieldMerge {
 public:
  FieldMerge(std::span<const SparseField> fields, std::span<const Bitmap* const> deleted, ThreadPool& pool)
      : fields_(fields), deleted_(deleted), pool_(pool) {}

  Result<FieldReport> run(const std::filesystem::path& path) {
    TAMIS_TRY_OK(place_passages());
    TAMIS_TRY_OK(count_lists());
    TAMIS_TRY(auto writer, FieldWriter::create(path, fields_.front().config()));
    TAMIS_TRY_OK(write_lists(writer));
    const bool wide = wide_terms(terms_.size());
    TAMIS_TRY_OK(writer.end_lists(std::move(terms_)));
    TAMIS_TRY_OK(write_records(writer, wide));
    TAMIS_TRY(auto report, writer.finish(ids_, 0));
    if (report.num_postings == num_copied_) return report;
    return Error{Code::kCorrupt,
                 fmt::format("{}: {} postings in lists, {} in records", fields_.front().parts().file.path().string(),
                             report.num_postings, num_copied_)};
  }

 private:
  struct Place {
    PassageId id = 0;
    std::uint32_t field = 0;
    LocalId local = 0;
  };

  Status place_passages() {
    for (std::uint32_t f = 0; f < fields_.size(); ++f) {
      for (LocalId local = 0; local < fields_[f].num_passages(); ++local) {
        if (deleted_[f] == nullptr || !deleted_[f]->test(local)) places_.push_back({fields_[f].ids()[local], f, local});
      }
      new_locals_.emplace_back(fields_[f].num_passages(), kDropped);
    }
    if (places_.size() >= kDropped - 1) return Error{Code::kExhausted, "segment: too many passages"};
    std::sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) { return a.id < b.id; });
    for (std::size_t place = 0; place < places_.size(); ++place) {
      if (place > 0 && places_[place].id == ids_.back()) {
        return Error{Code::kInvalidArgument, fmt::format("merge: passage {} is in two fields", ids_.back())};
      }
      ids_.push_back(places_[place].id);
      new_locals_[places_[place].field][places_[place].local] = static_cast<LocalId>(place);
    }
    return ok();
  }

  Result<std::uint64_t> live_length(std::uint32_t f, std::uint32_t number) const {
    const auto& parts = fields_[f].parts();
    TAMIS_TRY_OK(parts.check_list_once(number));
    const List& list = parts.lists[number];
    if (deleted_[f] == nullptr) return std::uint64_t{list.count};
    std::uint64_t length = 0;
    parts.for_each_posting(list, [&](LocalId local, std::uint32_t) { length += new_locals_[f][local] != kDropped; });
    return length;
  }

  /// The terms that are left, how long their lists are and which number a field's term has among them.
  Status count_lists() {
    for (const auto& field : fields_) terms_.insert(terms_.end(), field.terms().begin(), field.terms().end());
    std::sort(terms_.begin(), terms_.end());
    terms_.erase(std::unique(terms_.begin(), terms_.end()), terms_.end());
    std::vector<std::uint64_t> lengths(terms_.size());
    for (std::uint32_t f = 0; f < fields_.size(); ++f) {
      std::vector<std::uint64_t> live(fields_[f].num_terms());
      TAMIS_TRY_OK(pool_.parallel_for(live.size(), [&](std::size_t number, std::size_t) -> Status {
        TAMIS_TRY(live[number], live_length(f, static_cast<std::uint32_t>(number)));
        return ok();
      }));
      std::size_t at = 0;
      for (std::size_t number = 0; number < live.size(); ++number) {
        while (terms_[at] != fields_[f].terms()[number]) ++at;
        lengths[at] += live[number];
      }
    }
    std::size_t left = 0;
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      if (lengths[i] == 0) continue;
      terms_[left] = terms_[i];
      lengths[left++] = lengths[i];
    }
    terms_.resize(left);
    lengths.resize(left);
    chunk_begins_ = cut_into_chunks(lengths);
    for (const auto& field : fields_) {
      auto& numbers = new_numbers_.emplace_back();
      for (const auto term : field.terms()) {
        const auto found = std::lower_bound(terms_.begin(), terms_.end(), term);
        // One whose passages are all deleted is asked for by none of the records that are copied.
        numbers.push_back(static_cast<std::uint32_t>(found - terms_.begin()));
      }
    }
    return ok();
  }

  struct Gathered {
    std::vector<std::pair<LocalId, Level>> postings;
    std::vector<LocalId> docs;
    std::vector<Level> levels;
  };

  void gather(TermId term, Gathered& out) const {
    out.postings.clear();
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      const auto number = fields_[f].term_number(term);
      if (!number) continue;
      const auto& parts = fields_[f].parts();
      parts.for_each_posting(parts.lists[*number], [&](LocalId local, std::uint32_t level) {
        const LocalId now = new_locals_[f][local];
        if (now != kDropped) out.postings.emplace_back(now, static_cast<Level>(level));
      });
    }
    // Segments follow each other as a rule; those that do not are woven into each other here.
    if (!std::is_sorted(out.postings.begin(), out.postings.end())) std::sort(out.postings.begin(), out.postings.end());
    out.docs.clear();
    out.levels.clear();
    for (const auto& [doc, level] : out.postings) {
      out.docs.push_back(doc);
      out.levels.push_back(level);
    }
  }

  Status write_lists(FieldWriter& writer) {
    struct Item {
      std::size_t number = 0;
      ListChunk chunk;
    };
    std::vector<Gathered> gathered(pool_.size());
    std::size_t next = 0;
    return pool_.ordered_pipeline<Item>(
        2 * pool_.size(),
        [&](Item& item) -> Result<bool> {
          item.number = next++;
          return item.number + 1 < chunk_begins_.size();
        },
        [&](Item& item, std::size_t worker) {
          auto& list = gathered[worker];
          for (auto t = chunk_begins_[item.number]; t < chunk_begins_[item.number + 1]; ++t) {
            gather(terms_[t], list);
            encode_list(std::span<const LocalId>(list.docs), std::span<const Level>(list.levels), item.chunk);
          }
          end_chunk(item.chunk);
          return ok();
        },
        [&](Item& item) { return writer.add_lists(std::move(item.chunk)); });
  }

  struct Records {
    std::size_t begin = 0;
    std::uint64_t num_postings = 0;
    std::vector<std::byte> bytes;
    std::vector<std::uint32_t> sizes;
  };

  Status copy_records(Records& out, bool wide) const {
    std::vector<std::uint32_t> numbers;
    const std::size_t end = std::min(places_.size(), out.begin + kRecordsAtOnce);
    for (auto place = out.begin; place < end; ++place) {
      const auto [id, f, local] = places_[place];
      const auto& parts = fields_[f].parts();
      const auto record = parts.record(local);
      numbers.clear();
      for (std::uint32_t i = 0; i < record.count; ++i) {
        numbers.push_back(new_numbers_[f][parts.record_term(record, i)]);
        const auto level = parts.level_at(record.levels, i);
        const bool ascends = i == 0 || numbers[i] > numbers[i - 1];
        if (ascends && level > 0 && level <= parts.config.scale.levels()) continue;
        return parts.corrupt(fmt::format("the record of passage {} is damaged", id));
      }
      out.num_postings += record.count;
      out.sizes.push_back(append_record(numbers, record.levels, sizeof(Level), wide, out.bytes));
    }
    return ok();
  }

  Status write_records(FieldWriter& writer, bool wide) {
    std::size_t next = 0;
    return pool_.ordered_pipeline<Records>(
        2 * pool_.size(),
        [&](Records& records) -> Result<bool> {
          records.begin = std::exchange(next, next + kRecordsAtOnce);
          return records.begin < places_.size();
        },
        [&](Records& records, std::size_t) { return copy_records(records, wide); },
        [&](Records& records) {
          num_copied_ += records.num_postings;
          return writer.add_records(records.bytes, records.sizes);
        });
  }

  std::span<const SparseField> fields_;
  std::span<const Bitmap* const> deleted_;
  ThreadPool& pool_;
  std::vector<Place> places_;                            // ascending ids
  std::vector<PassageId> ids_;                           // of places_
  std::vector<std::vector<LocalId>> new_locals_;         // [fields][passages]
  std::vector<TermId> terms_;                            // ascending
  std::vector<std::vector<std::uint32_t>> new_numbers_;  // [fields][terms]
  std::vector<std::size_t> chunk_begins_;
  std::uint64_t num_copied_ = 0;
};

}  // namespace

Result<FieldReport> merge_fields(std::span<const SparseField> fields, std::span<const Bitmap* const> deleted,
                                 const std::filesystem::path& path, ThreadPool& pool) {
  if (fields.empty() || fields.size() != deleted.size()) {
    return Error{Code::kInvalidArgument, "merge: wanted at least one field and a deleted set (or none) for each"};
  }
  for (const auto& field : fields) {
    if (!(field.config() == fields[0].config())) {
      return Error{Code::kInvalidArgument,
                   fmt::format("merge: {} holds another field than {}", field.parts().file.path().string(),
                               fields[0].parts().file.path().string())};
    }
    // Damage must not spread into the new file.
    TAMIS_TRY_OK(field.parts().file.verify());
  }
  if (fields[0].config().scale.bits == 8) return FieldMerge<std::uint8_t>(fields, deleted, pool).run(path);
  return FieldMerge<std::uint16_t>(fields, deleted, pool).run(path);
}

}  // namespace tamis::index
