#include "file_hash.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <vector>

namespace tamis::engine {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;

Error system_error(int number) {
  const bool missing = number == ENOENT || number == ENOTDIR;
  return {missing ? Code::kNotFound : Code::kIo, std::generic_category().message(number)};
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

struct FreeState {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

}  // namespace

Result<std::uint64_t> hash_file(const std::filesystem::path& path, const CancelToken& cancel) {
  // Without blocking: the file may have become a pipe since it was found.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) return system_error(errno);
  struct stat what = {};
  if (::fstat(file.number(), &what) != 0) return system_error(errno);
  if (!S_ISREG(what.st_mode)) return Error{Code::kUnsupported, "not a regular file"};
  const std::unique_ptr<XXH3_state_t, FreeState> state(XXH3_createState());
  if (state == nullptr) return Error{Code::kExhausted, "out of memory"};
  XXH3_64bits_reset(state.get());
  std::vector<char> buffer(kReadBytes);
  for (;;) {
    if (cancel.cancelled()) return Error{Code::kCancelled, "cancelled"};
    const auto count = ::read(file.number(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error(errno);
    if (count == 0) return XXH3_64bits_digest(state.get());
    XXH3_64bits_update(state.get(), buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace tamis::engine
