#include "dense_vectors.h"

#include <fmt/format.h>
#include <tamis/encode/dense_encoder.h>
#include <tamis/search/dense_store.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "dense_stores.h"
#include "encoder_places.h"

namespace tamis::cli {
namespace {

namespace fs = std::filesystem;
using search::DenseStore;

/// Texts of a job, and of a round of jobs.
constexpr std::size_t kJobTexts = 32;
constexpr std::size_t kRoundTexts = 1024;

/// Makes the vectors of one model.
class DenseUpdate {
 public:
  DenseUpdate(const encode::DenseTextEncoder& encoder, std::optional<DenseStore> old, ThreadPool& pool,
              ProgressSink& progress, const CancelToken& cancel)
      : old_(std::move(old)),
        writer_(encoder.dimension()),
        pool_(pool),
        progress_(progress),
        cancel_(cancel),
        dimension_(encoder.dimension()) {
    while (workers_.size() < pool.size()) workers_.push_back(encoder.make_worker());
  }

  Status run(const search::Collection& collection) {
    progress_.begin("dense vectors", collection.num_passages(), "passages");
    auto status = take_all(collection);
    if (status) status = encode_round();
    progress_.end();
    return status;
  }
  [[nodiscard]] const search::DenseStoreWriter& writer() const { return writer_; }
  [[nodiscard]] std::uint64_t made() const { return made_; }
  [[nodiscard]] bool changed() const { return made_ > 0 || !old_ || old_->size() != writer_.size(); }

 private:
  Status take_all(const search::Collection& collection) {
    std::uint64_t done = 0;
    for (const auto& segment : collection.segments()) {
      const auto ids = segment.field->ids();
      for (std::uint32_t i = 0; i < ids.size(); ++i) {
        if (segment.deleted != nullptr && segment.deleted->test(i)) continue;
        TAMIS_TRY(auto text, collection.passage_text(ids[i]));
        TAMIS_TRY_OK(take(std::move(text)));
        progress_.update(++done);
      }
    }
    return ok();
  }

  Status take(std::string text) {
    const auto key = DenseStore::key_of(text);
    if (old_ && old_->contains(key)) return writer_.copy(*old_, key);
    texts_.push_back(std::move(text));
    return texts_.size() < kRoundTexts ? ok() : encode_round();
  }

  Status encode_round() {
    std::vector<float> vectors(texts_.size() * dimension_);
    const std::vector<std::string_view> views(texts_.begin(), texts_.end());
    const std::size_t jobs = (texts_.size() + kJobTexts - 1) / kJobTexts;
    TAMIS_TRY_OK(pool_.parallel_for(
        jobs,
        [&](std::size_t job, std::size_t worker) {
          const std::size_t first = job * kJobTexts;
          const std::size_t count = std::min(kJobTexts, views.size() - first);
          return workers_[worker]->encode(std::span(views).subspan(first, count), sparse::DenseEncoder::Side::kPassage,
                                          std::span(vectors).subspan(first * dimension_, count * dimension_));
        },
        cancel_));
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      writer_.add(DenseStore::key_of(texts_[i]), std::span(vectors).subspan(i * dimension_, dimension_));
    }
    made_ += texts_.size();
    texts_.clear();
    return ok();
  }

  std::optional<DenseStore> old_;
  search::DenseStoreWriter writer_;
  ThreadPool& pool_;
  ProgressSink& progress_;
  const CancelToken& cancel_;
  std::size_t dimension_;
  std::vector<std::unique_ptr<sparse::DenseEncoder::Worker>> workers_;
  std::vector<std::string> texts_;
  std::uint64_t made_ = 0;
};

Status update_one(const Snapshot& snapshot, const std::string& model, const fs::path& folder, ThreadPool& pool,
                  ProgressSink& progress, const CancelToken& cancel, DenseReport& report) {
  TAMIS_TRY(const auto encoder, encode::DenseTextEncoder::open(folder));
  const auto path = dense_file(snapshot.folder(), model);
  std::optional<DenseStore> old;
  if (auto opened = DenseStore::open(path, encoder->fingerprint())) {
    old = std::move(*opened);
  } else if (opened.error().code == Code::kIo) {
    return std::move(opened).error();
  }  // not there, of another model or damaged: made anew
  DenseUpdate update(*encoder, std::move(old), pool, progress, cancel);
  const auto status = update.run(snapshot.collection());
  if (!status && status.error().code != Code::kCancelled) return status;
  if (update.changed()) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) return Error{Code::kIo, fmt::format("{}: {}", path.parent_path().string(), error.message())};
    TAMIS_TRY_OK(update.writer().finish(path, encoder->fingerprint()));
  }
  report.made += update.made();
  report.kept += update.writer().size();
  return status;
}

}  // namespace

Result<DenseReport> update_dense(const Engine& engine, const std::string& model, std::uint32_t threads,
                                 ProgressSink& progress, const CancelToken& cancel) {
  DenseReport report;
  TAMIS_TRY(const auto snapshot, engine.snapshot());
  auto models = dense_models(snapshot->folder());
  if (!model.empty() && std::find(models.begin(), models.end(), model) == models.end()) models.push_back(model);
  if (models.empty()) return report;
  ThreadPool pool(threads);
  for (const auto& name : models) {
    auto folder = encoder_folder(name);
    if (!folder && name == model) return within("--dense", std::move(folder).error());
    if (!folder) {
      report.remark = fmt::format("the model {} is not installed: new passages get no dense vectors", name);
      continue;
    }
    TAMIS_TRY_OK(update_one(*snapshot, name, *folder, pool, progress, cancel, report));
  }
  return report;
}

}  // namespace tamis::cli
