#include <gtest/gtest.h>
#include <tamis/base/result.h>

namespace tamis {
namespace {

Result<int> half(int x) {
  if (x % 2 != 0) return Error{Code::kInvalidArgument, "odd"};
  return x / 2;
}
Result<int> quarter(int x) {
  TAMIS_TRY(const int once, half(x));
  return half(once);
}

TEST(Result, try_passes_values_and_errors_through) {
  EXPECT_EQ(quarter(8).value(), 2);
  ASSERT_FALSE(quarter(6).has_value());
  EXPECT_EQ(quarter(6).error().code, Code::kInvalidArgument);
  EXPECT_EQ(within("x", quarter(6).error()).message, "x: odd");
}

}  // namespace
}  // namespace tamis
