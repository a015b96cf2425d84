#pragma once

#include <tamis/base/result.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>

namespace tamis {

/// A flag that asks work to stop. Copies share the flag. Thread-safe.
class CancelToken {
 public:
  CancelToken() : flag_(std::make_shared<std::atomic<bool>>(false)) {}
  void cancel() noexcept { flag_->store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool cancelled() const noexcept { return flag_->load(std::memory_order_relaxed); }

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
};

/// A fixed set of worker threads with one bounded queue. The application owns it and passes it down; no global pool.
/// Work is split by size, never by thread count, and results are merged in index order, so that answers do not
/// depend on the number of threads. Several threads may use one pool at a time; their work shares its workers.
class ThreadPool {
 public:
  /// @param threads  workers; 0 = one a hardware thread. With 1, work runs on the calling thread.
  explicit ThreadPool(std::size_t threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  [[nodiscard]] std::size_t size() const noexcept;

  /// Runs body(i, worker) for i in [0, count); `worker` < size() names the thread, for scratch memory a worker.
  /// Returns the error of the lowest i that failed, after all started calls have ended; calls not yet started when one
  /// fails or `cancel` fires are skipped (then kCancelled if nothing failed). Not to be called from inside a body.
  /// An exception in a body (bad_alloc) becomes kExhausted.
  Status parallel_for(std::size_t count, const std::function<Status(std::size_t i, std::size_t worker)>& body,
                      const CancelToken& cancel = {});

  /// An ordered pipeline: produce() on the calling thread makes items until it returns false; work(item) runs on the
  /// workers; consume(item) runs on the calling thread in the order of production. At most `window` items are in
  /// flight, which bounds memory; produce() is asked for more until the window is full. Returns the error of the lowest
  /// item: every item before it has been consumed, none after it. kCancelled when `cancel` fires before all is
  /// consumed. produce() and consume() may use the pool; work() may not.
  template <class Item>
  Status ordered_pipeline(std::size_t window, const std::function<Result<bool>(Item&)>& produce,
                          const std::function<Status(Item&, std::size_t worker)>& work,
                          const std::function<Status(Item&)>& consume, const CancelToken& cancel = {}) {
    return ordered_pipeline_impl(
        window,
        [&]() -> Result<std::shared_ptr<void>> {
          auto item = std::make_shared<Item>();
          TAMIS_TRY(const bool more, produce(*item));
          return more ? std::static_pointer_cast<void>(item) : std::shared_ptr<void>();
        },
        [&](void* item, std::size_t worker) { return work(*static_cast<Item*>(item), worker); },
        [&](void* item) { return consume(*static_cast<Item*>(item)); }, cancel);
  }

 private:
  Status ordered_pipeline_impl(std::size_t window, const std::function<Result<std::shared_ptr<void>>()>& produce,
                               const std::function<Status(void*, std::size_t)>& work,
                               const std::function<Status(void*)>& consume, const CancelToken& cancel);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tamis
