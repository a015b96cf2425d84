#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tamis::docs {

struct ProgramLimits {
  std::uint32_t seconds = 60;
  std::uint64_t output_bytes = 64ULL << 20U;
  std::uint64_t memory_bytes = 4ULL << 30U;  ///< address space
};
struct ProgramOutput {
  std::string text;    ///< its standard output
  std::string errors;  ///< the first 4 KiB of its standard error
  int exit_code = 0;   ///< 128 + signal when a signal ended it
};

/// Runs a program found on PATH, without a shell, and gives it the input as a file on its standard input (it may seek).
/// It gets an environment of its own (LC_ALL=C.UTF-8), a process group of its own, and is killed with its children when
/// a limit is passed. Safe from any thread.
/// @param arguments  what comes after the program's name
/// @par Errors  kNotFound: no such program; kExhausted: a limit, named; kIo: the system could not start it
[[nodiscard]] Result<ProgramOutput> run_program(const std::string& program, std::span<const std::string> arguments,
                                                std::string_view input, const ProgramLimits& limits);

}  // namespace tamis::docs
