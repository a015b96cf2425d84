#pragma once

#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>

namespace tamis::test {

/// Starts `body` in a child process, which ends with 0 when it returns "", else prints what it returned and ends with
/// 2; with 1, silently, for "expected".
inline pid_t start_child(const std::function<std::string()>& body) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const std::string wrong = body();
  if (wrong.empty()) ::_exit(0);
  if (wrong == "expected") ::_exit(1);
  static_cast<void>(!::write(2, (wrong + "\n").data(), wrong.size() + 1));
  ::_exit(2);
}
/// Its exit status, or 128 + signal when it died.
inline int wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
inline int run_in_child(const std::function<std::string()>& body) { return wait_for(start_child(body)); }

/// For a child: root may write everywhere, so that a read-only folder is one only for somebody else.
inline void become_nobody() {
  if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) std::abort();
}

/// For a child: from here on no file may grow beyond so many bytes, as on a full disk.
inline void limit_file_size(rlim_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) std::abort();
}

}  // namespace tamis::test
