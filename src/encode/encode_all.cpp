#include <fmt/format.h>
#include <tamis/encode/encode_all.h>

#include <memory>
#include <vector>

namespace tamis::encode {
namespace {

struct Task {
  std::size_t first = 0, count = 0;
};

}  // namespace

Status encode_all(const sparse::TextEncoder& encoder, std::span<const std::string_view> texts,
                  std::span<sparse::SparseVector> out, ThreadPool& pool, ProgressSink& progress,
                  const CancelToken& cancel) {
  if (texts.size() != out.size()) return Error{Code::kInvalidArgument, "one vector a text is wanted"};
  std::vector<std::unique_ptr<sparse::TextEncoder::Worker>> workers(pool.size());
  std::size_t next = 0;
  const auto produce = [&](Task& task) -> Result<bool> {
    task.first = next;
    for (std::size_t bytes = 0; next < texts.size() && bytes < kTaskBytes; ++next) bytes += texts[next].size() + 1;
    task.count = next - task.first;
    return task.count > 0;
  };
  const auto work = [&](Task& task, std::size_t worker) -> Status {
    if (!workers[worker]) workers[worker] = encoder.make_worker();
    auto status = workers[worker]->encode(texts.subspan(task.first, task.count), out.subspan(task.first, task.count));
    if (!status) return within(fmt::format("texts from {} on", task.first), std::move(status).error());
    return status;
  };
  std::size_t done = 0;
  const auto consume = [&](Task& task) {
    progress.update(done += task.count);
    return ok();
  };
  progress.begin("encoding", texts.size(), "passages");
  auto status = pool.ordered_pipeline<Task>(4 * pool.size(), produce, work, consume, cancel);
  progress.end();
  return status;
}

}  // namespace tamis::encode
