#include "external_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>
#include <vector>

#include "file_descriptor.h"

namespace tamis::docs {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kErrorBytes = 4096;

Error system_error(std::string_view what, int code) {
  return {Code::kIo, fmt::format("{}: {}", what, std::generic_category().message(code))};
}

/// The input as an unnamed file: a pipe could fill up while the program waits for us to read its output.
Result<FileDescriptor> input_file(std::string_view input) {
  FileDescriptor file(::memfd_create("tamis-input", MFD_CLOEXEC));
  if (!file.is_open()) return system_error("memfd_create", errno);
  while (!input.empty()) {
    const auto written = ::write(file.get(), input.data(), input.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("writing the program's input", errno);
    input.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return system_error("rewinding the program's input", errno);
  return file;
}

struct Pipe {
  FileDescriptor read_end, write_end;
};
Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("pipe", errno);
  return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

/// Started, and not yet waited for: the destructor kills its whole group, so that nothing outlives the call.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (ended_) return;
    ::kill(-pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void limit(const ProgramLimits& limits) const {
    const rlimit memory{limits.memory_bytes, limits.memory_bytes};
    const rlimit cpu{limits.seconds + 1, limits.seconds + 1};
    const rlimit none{0, 0};
    ::prlimit(pid_, RLIMIT_AS, &memory, nullptr);
    ::prlimit(pid_, RLIMIT_CPU, &cpu, nullptr);
    ::prlimit(pid_, RLIMIT_CORE, &none, nullptr);
  }
  /// Whether it has ended; then its exit code.
  bool ended(int& exit_code) {
    int status = 0;
    const pid_t got = ::waitpid(pid_, &status, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR)) return false;
    ended_ = true;
    if (got == pid_) exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return true;
  }

 private:
  pid_t pid_;
  bool ended_ = false;
};

Result<pid_t> spawn(const std::string& program, std::span<const std::string> arguments, int input, int output,
                    int errors) {
  std::vector<char*> argv;
  std::string name = program;
  std::vector<std::string> copies(arguments.begin(), arguments.end());
  argv.push_back(name.data());
  for (auto& copy : copies) argv.push_back(copy.data());
  argv.push_back(nullptr);
  std::string locale = "LC_ALL=C.UTF-8";
  std::array<char*, 2> environment = {locale.data(), nullptr};

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, input, 0);
  ::posix_spawn_file_actions_adddup2(&actions, output, 1);
  ::posix_spawn_file_actions_adddup2(&actions, errors, 2);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  const int code = ::posix_spawnp(&pid, program.c_str(), &actions, &attributes, argv.data(), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (code == ENOENT) return Error{Code::kNotFound, program + ": not installed"};
  if (code != 0) return system_error(program, code);
  return pid;
}

/// Reads what is there; false at the end of the pipe.
Result<bool> drain(const FileDescriptor& pipe, std::string& into, std::size_t keep) {
  std::array<char, 65536> buffer;
  const auto got = ::read(pipe.get(), buffer.data(), buffer.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (got < 0) return system_error("reading from the program", errno);
  into.append(buffer.data(), std::min(static_cast<std::size_t>(got), keep - std::min(keep, into.size())));
  return got > 0;
}

}  // namespace

Result<ProgramOutput> run_program(const std::string& program, std::span<const std::string> arguments,
                                  std::string_view input, const ProgramLimits& limits) {
  TAMIS_TRY(const FileDescriptor file, input_file(input));
  TAMIS_TRY(Pipe output, make_pipe());
  TAMIS_TRY(Pipe errors, make_pipe());
  TAMIS_TRY(const pid_t pid, spawn(program, arguments, file.get(), output.write_end.get(), errors.write_end.get()));
  Child child(pid);
  child.limit(limits);
  output.write_end = FileDescriptor();
  errors.write_end = FileDescriptor();

  ProgramOutput result;
  const auto deadline = Clock::now() + std::chrono::seconds(limits.seconds);
  const Error too_long{Code::kExhausted, fmt::format("{} took longer than {} seconds", program, limits.seconds)};
  bool output_open = true, errors_open = true;
  while (output_open || errors_open) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return too_long;
    std::array<pollfd, 2> polls = {pollfd{output_open ? output.read_end.get() : -1, POLLIN, 0},
                                   pollfd{errors_open ? errors.read_end.get() : -1, POLLIN, 0}};
    if (::poll(polls.data(), polls.size(), static_cast<int>(std::min<std::int64_t>(left, 1000))) < 0) {
      if (errno == EINTR) continue;
      return system_error("poll", errno);
    }
    if (polls[0].revents != 0) {
      TAMIS_TRY(output_open, drain(output.read_end, result.text, limits.output_bytes + 1));
      if (result.text.size() > limits.output_bytes) {
        return Error{Code::kExhausted, fmt::format("{} gave more than {} bytes", program, limits.output_bytes)};
      }
    }
    if (polls[1].revents != 0) {
      TAMIS_TRY(errors_open, drain(errors.read_end, result.errors, kErrorBytes));
    }
  }
  for (auto pause = std::chrono::microseconds(100); !child.ended(result.exit_code);) {
    if (Clock::now() >= deadline) return too_long;
    std::this_thread::sleep_for(pause);
    pause = std::min<std::chrono::microseconds>(2 * pause, std::chrono::milliseconds(20));
  }
  return result;
}

}  // namespace tamis::docs
