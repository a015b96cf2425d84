#include "external_program.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>

namespace tamis::docs {
namespace {

Result<ProgramOutput> shell(const std::string& script, std::string_view input = "", const ProgramLimits& limits = {}) {
  const std::array<std::string, 2> arguments = {"-c", script};
  return run_program("sh", arguments, input, limits);
}

TEST(ExternalProgram, gives_output_errors_and_exit_code) {
  const auto result = shell("cat; echo problem >&2; exit 7", "the input").value();
  EXPECT_EQ(result.text, "the input");
  EXPECT_EQ(result.errors, "problem\n");
  EXPECT_EQ(result.exit_code, 7);
}

TEST(ExternalProgram, large_input_and_output_do_not_wait_for_each_other) {
  std::string input(8U << 20U, 'x');
  input.front() = 'a';
  const auto result = shell("cat; cat /dev/zero | head -c 1000000 >&2", input).value();
  EXPECT_EQ(result.text, input);
  EXPECT_EQ(result.errors.size(), 4096U);
}

TEST(ExternalProgram, arguments_are_not_seen_by_a_shell) {
  const std::array<std::string, 2> arguments = {"%s", "a b; echo no $HOME `id`"};
  EXPECT_EQ(run_program("printf", arguments, "", {}).value().text, arguments[1]);
}

TEST(ExternalProgram, limits_end_it) {
  ProgramLimits limits;
  limits.seconds = 1;
  const auto start = std::chrono::steady_clock::now();
  auto result = shell("sleep 100 & sleep 100", "", limits);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().message, "sh took longer than 1 seconds");
  EXPECT_EQ(result.error().code, Code::kExhausted);
  result = shell("exec >&- 2>&-; sleep 100", "", limits);
  ASSERT_FALSE(result.has_value()) << "it closed its output but goes on";
  EXPECT_EQ(result.error().code, Code::kExhausted);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
  limits = {};
  limits.output_bytes = 1000;
  result = shell("yes", "", limits);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().message, "sh gave more than 1000 bytes");
  EXPECT_EQ(shell("head -c 1000 /dev/zero", "", limits).value().text.size(), 1000U);
}

TEST(ExternalProgram, a_crash_is_an_exit_code) {
  EXPECT_EQ(shell("kill -SEGV $$").value().exit_code, 128 + 11);
  EXPECT_EQ(shell("kill -KILL $$").value().exit_code, 128 + 9);
}

TEST(ExternalProgram, one_that_does_not_exist_is_not_found) {
  const auto result = run_program("tamis-no-such-program", {}, "", {});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Code::kNotFound);
}

}  // namespace
}  // namespace tamis::docs
