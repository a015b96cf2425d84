#include "encode_pass.h"

#include <fmt/format.h>
#include <tamis/index/field_builder.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "cleanup.h"
#include "open_segments.h"
#include "passage_reader.h"
#include "settings.h"
#include "stopwatch.h"

namespace tamis::engine {
namespace {

/// Passages of a part: what a kill can cost is the time that these take.
constexpr std::size_t kPartPassages = 4096;
/// Texts that a thread takes at a time, about.
constexpr std::size_t kBlockBytes = 64 << 10;
/// Passages whose rows are read at once.
constexpr std::size_t kReadPassages = 64;

/// Some passages on their way through the threads.
struct Block {
  std::size_t part = 0;
  std::vector<PassageReader::Passage> passages;
  std::vector<sparse::SparseVector> vectors;
};

/// One segment's field of one encoder.
class FieldPass {
 public:
  using Workers = std::vector<std::unique_ptr<sparse::TextEncoder::Worker>>;
  FieldPass(const IndexPaths& paths, const OpenSegment& segment, const sparse::TextEncoder& encoder,
            index::FieldConfig config, Workers& workers, ThreadPool& pool)
      : paths_(paths),
        segment_(segment),
        ids_(segment.field.ids()),
        encoder_(encoder),
        config_(std::move(config)),
        workers_(workers),
        pool_(pool) {}

  /// Makes the parts that are missing, then the field, which stands when it returns.
  Status run(const store::Catalogue& catalogue, ProgressSink& progress, std::uint64_t& done, IngestReport& report,
             const CancelToken& cancel) {
    PassageReader reader(catalogue, segment_);
    TAMIS_TRY_OK(reader.open());
    const auto made = find_parts();
    part_ = made;
    next_ = added_ = std::min(ids_.size(), made * kPartPassages);
    const auto before = done;
    progress.update(done = before + added_);
    auto status = pool_.ordered_pipeline<Block>(
        2 * pool_.size() + 2, [&](Block& block) { return fill(reader, block); },
        [&](Block& block, std::size_t worker) { return encode(block, worker); },
        [&](Block& block) -> Status {
          report.passages_encoded += block.passages.size();
          TAMIS_TRY_OK(take(block, report));
          progress.update(done = before + added_);
          return ok();
        },
        cancel);
    TAMIS_TRY_OK(std::move(status));
    TAMIS_TRY_OK(close_part(report));
    done = before + ids_.size();
    return merge_parts();
  }

 private:
  [[nodiscard]] std::size_t num_parts() const { return (ids_.size() + kPartPassages - 1) / kPartPassages; }
  /// Of the part in the making.
  [[nodiscard]] std::size_t end_of_part() const { return std::min(ids_.size(), (part_ + 1) * kPartPassages); }
  [[nodiscard]] std::span<const PassageId> ids_of(std::size_t part) const {
    const auto begin = part * kPartPassages;
    return ids_.subspan(begin, std::min(kPartPassages, ids_.size() - begin));
  }
  [[nodiscard]] std::filesystem::path part_path(std::size_t part) const {
    return paths_.segment_file(part_file_name(segment_.row.id, config_.name, part));
  }

  /// How many parts an earlier run left: sound ones of this encoder and these passages, without a gap.
  std::size_t find_parts() const {
    std::size_t part = 0;
    for (; part < num_parts(); ++part) {
      const auto field = index::SparseField::open(part_path(part));
      if (!field || !(field->config() == config_) || !field->verify()) break;
      const auto ids = field->ids();
      const auto wanted = ids_of(part);
      if (!std::equal(ids.begin(), ids.end(), wanted.begin(), wanted.end())) break;
    }
    return part;
  }

  /// The next passages of a part; a block never holds those of two.
  Result<bool> fill(PassageReader& reader, Block& block) {
    if (next_ == ids_.size()) return false;
    block.part = next_ / kPartPassages;
    const auto end = std::min(ids_.size(), (block.part + 1) * kPartPassages);
    std::size_t bytes = 0;
    while (next_ < end && bytes < kBlockBytes) {
      const auto before = block.passages.size();
      const auto count = std::min(kReadPassages, end - next_);
      TAMIS_TRY_OK(reader.read(ids_.subspan(next_, count), block.passages));
      next_ += count;
      for (auto i = before; i < block.passages.size(); ++i) bytes += block.passages[i].text.size();
    }
    return true;
  }

  Status encode(Block& block, std::size_t number) {
    auto& worker = workers_[number];
    if (!worker) worker = encoder_.make_worker();
    std::vector<std::string_view> texts;
    for (const auto& passage : block.passages) texts.emplace_back(passage.text);
    block.vectors.resize(texts.size());
    return worker->encode(texts, block.vectors);
  }

  Status take(const Block& block, IngestReport& report) {
    if (block.part > part_) TAMIS_TRY_OK(close_part(report));
    for (std::size_t i = 0; i < block.passages.size(); ++i) TAMIS_TRY_OK(add(block.passages[i].id, block.vectors[i]));
    return added_ == end_of_part() ? close_part(report) : ok();  // soon: what is not closed is lost with the run
  }

  /// Passages up to this one that nobody brought are deleted.
  Status add(PassageId id, const sparse::SparseVector& vector) {
    if (!builder_) builder_.emplace(config_);
    while (added_ < ids_.size() && ids_[added_] < id) TAMIS_TRY_OK(builder_->add(ids_[added_++], {}));
    if (added_ == ids_.size() || ids_[added_] != id) {
      return Error{Code::kCorrupt,
                   fmt::format("segment {}: the catalogue has passage {}, the field has not", segment_.row.id, id)};
    }
    return builder_->add(ids_[added_++], vector);
  }

  /// Writes the part in the making; what was not brought of it is deleted.
  Status close_part(IngestReport& report) {
    if (part_ == num_parts()) return ok();
    if (!builder_) builder_.emplace(config_);
    while (added_ < end_of_part()) TAMIS_TRY_OK(builder_->add(ids_[added_++], {}));
    TAMIS_TRY(const auto built, builder_->finish(part_path(part_), pool_));
    report.num_clipped += built.num_clipped;
    builder_.reset();
    ++part_;
    return ok();
  }

  Status merge_parts() const {
    std::vector<index::SparseField> parts;
    for (std::size_t part = 0; part < num_parts(); ++part) {
      TAMIS_TRY(auto field, index::SparseField::open(part_path(part)));
      parts.push_back(std::move(field));
    }
    const std::vector<const index::Bitmap*> nothing_deleted(parts.size(), nullptr);
    const auto name = field_file_name(segment_.row.id, config_.name);
    TAMIS_TRY_OK(index::merge_fields(parts, nothing_deleted, paths_.segment_file(name), pool_));
    return ok();
  }

  const IndexPaths& paths_;
  const OpenSegment& segment_;
  std::span<const PassageId> ids_;
  const sparse::TextEncoder& encoder_;
  index::FieldConfig config_;
  Workers& workers_;
  ThreadPool& pool_;
  std::size_t next_ = 0;   // to be read
  std::size_t added_ = 0;  // given to parts
  std::size_t part_ = 0;   // in the making
  std::optional<index::FieldBuilder> builder_;
};

/// All segments of one encoder.
Status encode_field(const IndexPaths& paths, store::Catalogue& catalogue, const sparse::TextEncoder& encoder,
                    ThreadPool& pool, IngestReport& report, ProgressSink& progress, const CancelToken& cancel) {
  TAMIS_TRY(const auto generation, catalogue.generation());
  TAMIS_TRY(const auto settings, settings_of(generation));
  const auto known = std::find_if(settings.encoders.begin(), settings.encoders.end(),
                                  [&](const auto& candidate) { return candidate.name == encoder.name(); });
  if (known == settings.encoders.end()) return ok();  // nothing was ever indexed
  std::uint64_t total = 0, done = 0;
  for (const auto& row : generation.segments) total += has_field(row, known->name) ? 0 : row.num_passages;
  if (total == 0) return ok();
  FieldPass::Workers workers(pool.size());
  progress.begin("encoding", total, "passages");
  const auto run = [&]() -> Status {
    for (const auto& row : generation.segments) {
      if (has_field(row, known->name)) continue;
      TAMIS_TRY(const auto segment, open_segment(paths, row, generation.tombstones, settings.encoders));
      if (!segment.texts) return Error{Code::kCorrupt, fmt::format("segment {}: has no text file", row.id)};
      FieldPass pass(paths, segment, encoder, field_config(*known), workers, pool);
      TAMIS_TRY_OK(pass.run(catalogue, progress, done, report, cancel));
      store::Publication publication;
      const auto name = field_file_name(row.id, known->name);
      publication.added_files.push_back({row.id, name, file_bytes(paths.segment_file(name))});
      TAMIS_TRY_OK(catalogue.publish(publication));
      report.published = true;
    }
    return ok();
  };
  auto status = run();
  progress.end();
  if (status || status.error().code != Code::kCancelled) return status;
  return Error{Code::kCancelled,
               fmt::format("stopped while encoding: words can be searched; {} of {} passages got their "
                           "vectors, the next run goes on with the others",
                           report.passages_encoded, total)};
}

}  // namespace

Status encode_segments(const IndexPaths& paths, store::Catalogue& catalogue, const IngestOptions& options,
                       IngestReport& report, ProgressSink& progress, const CancelToken& cancel) {
  {
    const Stopwatch watch(report.encode_seconds);
    ThreadPool pool(options.threads);
    for (const auto& choice : options.encoders) {
      TAMIS_TRY_OK(encode_field(paths, catalogue, *choice.encoder, pool, report, progress, cancel));
    }
  }
  TAMIS_TRY(const auto generation, catalogue.generation());
  TAMIS_TRY(const auto settings, settings_of(generation));
  for (const auto& encoder : encoder_infos(settings, generation)) report.passages_waiting += encoder.passages_waiting;
  return remove_orphans(paths, catalogue);
}

}  // namespace tamis::engine
