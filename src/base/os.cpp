#include "os.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

namespace tamis::detail {

Error os_error(std::string_view what, int error_number) {
  Code code = Code::kIo;
  if (error_number == ENOENT || error_number == ENOTDIR) code = Code::kNotFound;
  if (error_number == ENOMEM) code = Code::kExhausted;
  char storage[128] = {};
  const std::string_view reason = ::strerror_r(error_number, storage, sizeof storage);  // the GNU one: thread-safe
  return Error{code, std::string(what) + ": " + std::string(reason)};
}

Error os_error(const std::filesystem::path& path, std::string_view doing, int error_number) {
  return os_error(path.string() + ": cannot " + std::string(doing), error_number);
}

Result<Descriptor> open_file(const std::filesystem::path& path, int flags) {
  for (;;) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
    if (descriptor >= 0) return Descriptor(descriptor);
    if (errno != EINTR) return os_error(path, "open", errno);
  }
}

Status write_all(int descriptor, std::span<const std::byte> bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return os_error(path, "write", errno);
    }
    if (written == 0) return os_error(path, "write", EIO);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return ok();
}

}  // namespace tamis::detail
