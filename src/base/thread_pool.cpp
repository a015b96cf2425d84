#include <tamis/base/check.h>
#include <tamis/base/thread_pool.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <limits>
#include <mutex>
#include <new>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace tamis {
namespace {

/// The pool whose body runs on this thread; a second call into the same pool would wait for itself.
thread_local const void* running_pool = nullptr;

class InsidePool {
 public:
  explicit InsidePool(const void* pool) : outer_(std::exchange(running_pool, pool)) {}
  ~InsidePool() { running_pool = outer_; }
  InsidePool(const InsidePool&) = delete;
  InsidePool& operator=(const InsidePool&) = delete;

 private:
  const void* outer_;
};

Error out_of_memory() { return Error{Code::kExhausted, "out of memory"}; }
Error cancelled() { return Error{Code::kCancelled, "cancelled"}; }

/// Calls `call`; what it throws becomes kExhausted.
template <class Call>
auto guarded(const Call& call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::exception& error) {
    return Error{Code::kExhausted, std::string("unexpected failure: ") + error.what()};
  } catch (...) {
    return Error{Code::kExhausted, "unexpected failure"};
  }
}

}  // namespace

struct ThreadPool::Impl {
  using Task = std::function<void(std::size_t worker)>;

  std::mutex mutex;
  std::condition_variable_any wake;
  std::deque<Task> tasks;  ///< guarded by mutex; a call adds size() or `window` tasks at most
  std::mutex caller;       ///< a pool of one: the calling thread is worker 0, one caller at a time
  std::size_t size = 1;
  std::vector<std::jthread> workers;  ///< last: stopped and joined before the rest goes

  /// False when memory ran out. `task` must not throw.
  [[nodiscard]] bool submit(Task task) {
    try {
      const std::scoped_lock lock(mutex);
      tasks.push_back(std::move(task));
    } catch (const std::bad_alloc&) {
      return false;
    }
    wake.notify_one();
    return true;
  }
  void work(const std::stop_token& stop, std::size_t worker) {
    for (;;) {
      Task task;
      {
        std::unique_lock lock(mutex);
        if (!wake.wait(lock, stop, [&] { return !tasks.empty(); })) return;
        task = std::move(tasks.front());
        tasks.pop_front();
      }
      task(worker);
    }
  }
};

ThreadPool::ThreadPool(std::size_t threads) : impl_(std::make_unique<Impl>()) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  if (threads == 1) return;
  Impl* const impl = impl_.get();
  impl->workers.reserve(threads);
  try {
    for (std::size_t i = 0; i < threads; ++i) {
      impl->workers.emplace_back([impl, i](const std::stop_token& stop) { impl->work(stop, i); });
    }
  } catch (const std::system_error&) {
    // The system gives no more threads: those that started do the work.
  }
  impl->size = std::max<std::size_t>(1, impl->workers.size());
}

ThreadPool::~ThreadPool() = default;

std::size_t ThreadPool::size() const noexcept { return impl_->size; }

namespace {

/// What the workers of one parallel_for share.
class Loop {
 public:
  using Body = std::function<Status(std::size_t, std::size_t)>;

  Loop(const void* pool, std::size_t count, const Body& body, const CancelToken& cancel)
      : pool_(pool), count_(count), body_(body), cancel_(cancel) {}

  /// Numbers are handed out in rising order, so every number below a failed one has started: the lowest failure is the
  /// same whatever the threads do.
  void run(std::size_t worker) {
    const InsidePool inside(pool_);
    for (;;) {
      if (next_.load(std::memory_order_relaxed) >= count_) return;
      if (cancel_.cancelled()) {
        skipped_.store(true, std::memory_order_relaxed);
        return;
      }
      const std::size_t i = next_.fetch_add(1, std::memory_order_relaxed);
      if (i >= count_ || i > lowest_failed_.load(std::memory_order_relaxed)) return;
      if (auto status = guarded([&] { return body_(i, worker); }); !status) {
        fail(i, std::move(status).error());
      }
    }
  }
  /// After every run() has returned.
  [[nodiscard]] Status result() {
    if (error_) return std::move(*error_);
    if (skipped_) return cancelled();
    return ok();
  }

 private:
  void fail(std::size_t i, Error error) {
    const std::scoped_lock lock(mutex_);
    if (i >= lowest_failed_.load(std::memory_order_relaxed)) return;
    lowest_failed_.store(i, std::memory_order_relaxed);
    error_ = std::move(error);
  }

  const void* pool_;
  std::size_t count_;
  const Body& body_;
  const CancelToken& cancel_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> lowest_failed_ = std::numeric_limits<std::size_t>::max();
  std::atomic<bool> skipped_ = false;
  std::mutex mutex_;
  std::optional<Error> error_;
};

/// Counts tasks that have been handed out and not yet ended.
class Outstanding {
 public:
  void begin() {
    const std::scoped_lock lock(mutex_);
    ++count_;
  }
  void end() {
    const std::scoped_lock lock(mutex_);
    if (--count_ == 0) none_.notify_all();  // under the lock: the waiter may destroy us as soon as it has it
  }
  void wait() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [&] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  std::size_t count_ = 0;
};

}  // namespace

Status ThreadPool::parallel_for(std::size_t count, const std::function<Status(std::size_t, std::size_t)>& body,
                                const CancelToken& cancel) {
  TAMIS_CHECK(running_pool != impl_.get(), "a body must not call its own pool");
  Loop loop(impl_.get(), count, body, cancel);
  if (impl_->workers.empty()) {
    const std::scoped_lock lock(impl_->caller);
    loop.run(0);
    return loop.result();
  }
  Outstanding outstanding;
  const std::size_t runners = std::min(count, impl_->size);
  for (std::size_t i = 0; i < runners; ++i) {
    outstanding.begin();
    const bool submitted = impl_->submit([&](std::size_t worker) {
      loop.run(worker);
      outstanding.end();
    });
    if (submitted) continue;
    outstanding.end();
    if (i == 0) return out_of_memory();
    break;  // those that were submitted do the whole loop
  }
  outstanding.wait();
  return loop.result();
}

namespace {

/// The items of one ordered_pipeline, in order of production.
class Pipeline {
 public:
  struct Slot {
    std::shared_ptr<void> item;
    bool done = false;
    Status status = ok();
  };
  using Work = std::function<Status(void*, std::size_t)>;

  Pipeline(const void* pool, const Work& work, const CancelToken& cancel) : pool_(pool), work_(work), cancel_(cancel) {}

  [[nodiscard]] std::size_t in_flight() const { return slots_.size(); }
  [[nodiscard]] Slot* add(std::shared_ptr<void> item) {
    slots_.push_back(std::make_unique<Slot>());
    slots_.back()->item = std::move(item);
    return slots_.back().get();
  }
  /// On a worker. Ends with end().
  void process(Slot& slot, std::size_t worker) {
    const InsidePool inside(pool_);
    const bool skip = stop_.load(std::memory_order_relaxed) || cancel_.cancelled();
    end(slot, skip ? Status(cancelled()) : guarded([&] { return work_(slot.item.get(), worker); }));
  }
  /// Every slot that was added is ended once, or take_front() waits for ever.
  void end(Slot& slot, Status status) {
    const std::scoped_lock lock(mutex_);
    slot.status = std::move(status);
    slot.done = true;
    ended_.notify_all();  // under the lock: the waiter may destroy us as soon as it has it
  }
  /// Waits for the oldest item and takes it out.
  [[nodiscard]] std::unique_ptr<Slot> take_front() {
    {
      std::unique_lock lock(mutex_);
      ended_.wait(lock, [&] { return slots_.front()->done; });
    }
    auto slot = std::move(slots_.front());
    slots_.pop_front();
    return slot;
  }
  /// Lets waiting items pass without work and waits for those in work: they hold references into the caller.
  void abandon() {
    stop_.store(true, std::memory_order_relaxed);
    while (!slots_.empty()) static_cast<void>(take_front());
  }

 private:
  const void* pool_;
  const Work& work_;
  const CancelToken& cancel_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::deque<std::unique_ptr<Slot>> slots_;  ///< the deque is the calling thread's; `done`, `status` the mutex's
};

}  // namespace

Status ThreadPool::ordered_pipeline_impl(std::size_t window,
                                         const std::function<Result<std::shared_ptr<void>>()>& produce,
                                         const std::function<Status(void*, std::size_t)>& work,
                                         const std::function<Status(void*)>& consume, const CancelToken& cancel) {
  TAMIS_CHECK(running_pool != impl_.get(), "a body must not call its own pool");
  const bool alone = impl_->workers.empty();
  if (alone || window == 0) window = 1;
  Pipeline pipeline(impl_.get(), work, cancel);
  const auto start = [&]() -> Result<bool> {  // false when produce() has no more
    TAMIS_TRY(auto item, produce());
    if (item == nullptr) return false;
    Pipeline::Slot* const slot = pipeline.add(std::move(item));
    if (alone) {
      const std::scoped_lock lock(impl_->caller);
      pipeline.process(*slot, 0);
    } else if (!impl_->submit([&pipeline, slot](std::size_t worker) { pipeline.process(*slot, worker); })) {
      pipeline.end(*slot, out_of_memory());
    }
    return true;
  };
  Status produced = ok();  // an error of produce() waits here until the items before it are through
  bool more = true;
  while (more || pipeline.in_flight() > 0) {
    if (cancel.cancelled()) {
      pipeline.abandon();
      return cancelled();
    }
    if (more && pipeline.in_flight() < window) {  // the window is kept full, so that no worker waits for consume()
      auto started = guarded(start);
      if (!started) produced = std::move(started).error();
      more = started.has_value() && *started;
      continue;
    }
    const auto slot = pipeline.take_front();
    Status status = std::move(slot->status);
    if (status) status = guarded([&] { return consume(slot->item.get()); });
    if (!status) {
      pipeline.abandon();
      return status;
    }
  }
  return produced;
}

}  // namespace tamis
