#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <tamis/base/variants.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <string>

#include "isa.h"

namespace tamis {
namespace {

using Kernel = int();
int ref() { return 0; }
int portable() { return 1; }
int avx2() { return 2; }
int avx512() { return 3; }
constexpr Variant<Kernel> kTable[] = {{"avx512", Isa::kAvx512, avx512},
                                      {"avx2", Isa::kAvx2, avx2},
                                      {"portable", Isa::kPortable, portable},
                                      {"ref", Isa::kRef, ref}};

/// Settings are read once a process: each case runs in a process of its own (the style "threadsafe" starts one), which
/// exits with the number that `outcome` gives.
template <class Outcome>
[[noreturn]] void exit_with(const char* max_isa, const char* kernel, const Outcome& outcome) {
  ::setenv("TAMIS_MAX_ISA", max_isa, 1);
  ::setenv("TAMIS_KERNEL", kernel, 1);
  std::exit(outcome());
}
int chosen() { return choose("sum", kTable).run(); }

#if defined(__x86_64__)
/// From here on the system refuses this process' requests for tile registers, by a filter of its calls.
bool refuse_amx() {
  constexpr unsigned kRequestPermission = 0x1023;
  sock_filter rules[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                         BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_arch_prctl, 0, 3),
                         BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
                         BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kRequestPermission, 0, 1),
                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program = {std::size(rules), rules};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
#endif

class VariantsDeathTest : public ::testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST(Variants, names_and_parsing_agree) {
  for (const Isa isa : {Isa::kRef, Isa::kPortable, Isa::kAvx2, Isa::kAvx512, Isa::kAmx}) {
    EXPECT_EQ(detail::parse_isa(to_string(isa)).value(), isa);
  }
  for (const char* const wrong : {"", "AVX2", "avx", "avx2 ", "native"}) {
    EXPECT_EQ(detail::parse_isa(wrong).error().code, Code::kInvalidArgument) << wrong;
  }
}

TEST(Variants, the_machine_has_what_it_says) {
  EXPECT_GE(detail::detect_isa(false), Isa::kPortable);
  EXPECT_LE(detail::detect_isa(false), Isa::kAvx512) << "amx is taken only when allowed";
  EXPECT_GE(detail::detect_isa(true), detail::detect_isa(false));
  EXPECT_FALSE(cpu_name().empty());
#if defined(__x86_64__)
  __builtin_cpu_init();  // the compiler's own detection, which knows the same flags
  const bool avx2 =
      __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 && __builtin_cpu_supports("bmi2") != 0;
  EXPECT_EQ(detail::detect_isa(false) >= Isa::kAvx2, avx2);
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                      __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
                      __builtin_cpu_supports("avx512vbmi2") != 0 && __builtin_cpu_supports("avx512vnni") != 0;
  EXPECT_EQ(detail::detect_isa(false) >= Isa::kAvx512, avx512);
#endif
}

TEST(Variants, the_list_of_forced_kernels_is_read_entry_by_entry) {
  EXPECT_EQ(detail::find_forced("sum=ref", "sum"), "ref");
  EXPECT_EQ(detail::find_forced("dot=avx2,sum=ref,max=avx512", "sum"), "ref");
  EXPECT_EQ(detail::find_forced("sum=avx2,sum=ref", "sum"), "ref");
  EXPECT_EQ(detail::find_forced("summary=ref", "sum"), "");
  EXPECT_EQ(detail::find_forced("my_sum=ref", "sum"), "");
  EXPECT_EQ(detail::find_forced("", "sum"), "");
  EXPECT_EQ(detail::find_forced(",,sum", "sum"), "");
  for (const char* const good : {"", "sum=ref", "dot=avx2,sum=ref"}) EXPECT_TRUE(detail::check_forced_list(good));
  for (const char* const bad : {"sum", "=ref", "sum=", "sum=ref,,dot=ref", "sum=ref,dot"}) {
    EXPECT_FALSE(detail::check_forced_list(bad)) << bad;
  }
}

TEST(Variants, a_choice_is_recorded_for_the_listing) {
  record_choice("listed", "ref", std::vector<std::string_view>{"fast", "ref"});
  record_choice("listed", "fast", std::vector<std::string_view>{"fast", "ref"});
  std::size_t found = 0;
  for (const auto& choice : kernel_choices()) {
    if (choice.kernel != "listed") continue;
    ++found;
    EXPECT_EQ(choice.variant, "fast");
    EXPECT_EQ(choice.known, (std::vector<std::string>{"fast", "ref"}));
  }
  EXPECT_EQ(found, 1U);
}

TEST_F(VariantsDeathTest, without_settings_the_best_that_the_machine_has_is_chosen) {
  const int best = std::min(static_cast<int>(detail::detect_isa(false)), 3);
  EXPECT_EXIT(exit_with("", "", chosen), ::testing::ExitedWithCode(best), "");
}

TEST_F(VariantsDeathTest, max_isa_limits_the_choice) {
  EXPECT_EXIT(exit_with("ref", "", chosen), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(exit_with("portable", "", chosen), ::testing::ExitedWithCode(1), "");
  const int best = std::min(static_cast<int>(detail::detect_isa(false)), 2);
  EXPECT_EXIT(exit_with("avx2", "", chosen), ::testing::ExitedWithCode(best), "");
}

#if defined(__x86_64__)
TEST_F(VariantsDeathTest, where_the_system_refuses_tile_registers_avx512_is_the_best) {
  if (detail::detect_isa(true) != Isa::kAmx) GTEST_SKIP() << "this machine has no tile registers to refuse";
  const auto best = [] { return static_cast<int>(usable_isa()); };
  const auto best_of_refused = [&] { return refuse_amx() ? best() : -1; };
  EXPECT_EXIT(exit_with("", "", best), ::testing::ExitedWithCode(static_cast<int>(Isa::kAmx)), "");
  EXPECT_EXIT(exit_with("", "", best_of_refused), ::testing::ExitedWithCode(static_cast<int>(Isa::kAvx512)), "");
  EXPECT_EXIT(exit_with("amx", "", best_of_refused), ::testing::ExitedWithCode(static_cast<int>(Isa::kAvx512)), "");
}
#endif

TEST_F(VariantsDeathTest, a_kernel_setting_forces_a_usable_variant_and_no_other) {
  EXPECT_EXIT(exit_with("", "sum=ref", chosen), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(exit_with("", "other=ref,sum=portable", chosen), ::testing::ExitedWithCode(1), "");
  // What the machine lacks or the limit forbids is never run.
  EXPECT_EXIT(exit_with("portable", "sum=avx512", chosen), ::testing::ExitedWithCode(1), "");
  EXPECT_EXIT(exit_with("ref", "sum=absent", chosen), ::testing::ExitedWithCode(0), "");
}

TEST_F(VariantsDeathTest, settings_that_cannot_be_read_are_reported) {
  const auto readable = [] { return check_isa_settings() ? 0 : 1; };
  EXPECT_EXIT(exit_with("", "", readable), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(exit_with("avx2", "sum=ref", readable), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(exit_with("fast", "", readable), ::testing::ExitedWithCode(1), "");
  EXPECT_EXIT(exit_with("", "sum", readable), ::testing::ExitedWithCode(1), "");
}

}  // namespace
}  // namespace tamis
