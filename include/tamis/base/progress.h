#pragma once

#include <cstdint>
#include <string_view>

namespace tamis {

/// Where long work reports how far it is. The library never prints: the program decides what to do with it.
/// Calls come from one thread at a time.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  /// A new phase, e.g. ("reading", 20000, "files"); total 0 = not known.
  virtual void begin(std::string_view phase, std::uint64_t total, std::string_view unit) = 0;
  virtual void update(std::uint64_t done) = 0;
  virtual void end() = 0;
};

/// Discards everything.
class NoProgress final : public ProgressSink {
 public:
  void begin(std::string_view, std::uint64_t, std::string_view) override {}
  void update(std::uint64_t) override {}
  void end() override {}
};

}  // namespace tamis
