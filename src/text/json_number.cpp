#include "json_number.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

namespace tamis::text {

namespace {

constexpr std::int64_t kLongestShift = 308;           // 10^308 is the last power of ten that a double holds
constexpr std::int64_t kFarExponent = 2'000'000'000;  // beyond it every exponent is the same

constexpr std::array<double, kLongestShift + 1> kPowersOfTen = {
#define TAMIS_TEN(n) 1e##n##0, 1e##n##1, 1e##n##2, 1e##n##3, 1e##n##4, 1e##n##5, 1e##n##6, 1e##n##7, 1e##n##8, 1e##n##9
    TAMIS_TEN(),   TAMIS_TEN(1),  TAMIS_TEN(2),  TAMIS_TEN(3),  TAMIS_TEN(4),  TAMIS_TEN(5),  TAMIS_TEN(6),
    TAMIS_TEN(7),  TAMIS_TEN(8),  TAMIS_TEN(9),  TAMIS_TEN(10), TAMIS_TEN(11), TAMIS_TEN(12), TAMIS_TEN(13),
    TAMIS_TEN(14), TAMIS_TEN(15), TAMIS_TEN(16), TAMIS_TEN(17), TAMIS_TEN(18), TAMIS_TEN(19), TAMIS_TEN(20),
    TAMIS_TEN(21), TAMIS_TEN(22), TAMIS_TEN(23), TAMIS_TEN(24), TAMIS_TEN(25), TAMIS_TEN(26), TAMIS_TEN(27),
    TAMIS_TEN(28), TAMIS_TEN(29), 1e300,         1e301,         1e302,         1e303,         1e304,
    1e305,         1e306,         1e307,         1e308,
#undef TAMIS_TEN
};

/// Reads the parts of a number from the left.
class NumberReader {
 public:
  explicit NumberReader(std::string_view text) noexcept : text_(text) {}

  [[nodiscard]] std::optional<double> read() noexcept {
    skip_space();
    const bool negative = take('-');
    if (!take_whole() || !take_fraction() || !take_exponent()) return std::nullopt;
    skip_space();
    if (at_ != text_.size()) return std::nullopt;
    const auto magnitude = scaled();
    if (!magnitude) return std::nullopt;
    return negative ? -*magnitude : *magnitude;
  }

 private:
  [[nodiscard]] bool at_digit() const noexcept { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }
  [[nodiscard]] bool take(char wanted) noexcept {
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void skip_space() noexcept {
    while (take(' ') || take('\t') || take('\n') || take('\r')) {
    }
  }
  /// Whether the next digit still counts: from the first one that does not fit on none does.
  [[nodiscard]] bool take_digit() noexcept {
    const auto digit = static_cast<std::uint64_t>(text_[at_++] - '0');
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    full_ = full_ || digits_ > kMost / 10 || (digits_ == kMost / 10 && digit > kMost % 10);
    if (!full_) digits_ = digits_ * 10 + digit;
    return !full_;
  }

  [[nodiscard]] bool take_whole() noexcept {
    if (!at_digit()) return false;
    if (take('0')) return !at_digit();
    while (at_digit()) exponent_ += take_digit() ? 0 : 1;
    return true;
  }
  [[nodiscard]] bool take_fraction() noexcept {
    if (!take('.')) return true;
    if (!at_digit()) return false;
    full_ = false;  // a zero may fit where a nine did not
    while (at_digit()) exponent_ -= take_digit() ? 1 : 0;
    return true;
  }
  [[nodiscard]] bool take_exponent() noexcept {
    if (!take('e') && !take('E')) return true;
    const bool negative = take('-');
    if (!negative) static_cast<void>(take('+'));
    if (!at_digit()) return false;
    std::int64_t given = 0;
    for (; at_digit(); ++at_) given = std::min(given * 10 + (text_[at_] - '0'), kFarExponent);
    exponent_ += negative ? -given : given;
    return true;
  }

  [[nodiscard]] std::optional<double> scaled() const noexcept {
    auto value = static_cast<double>(digits_);
    std::int64_t exponent = exponent_;
    for (; exponent < -kLongestShift && value != 0; exponent += kLongestShift) value /= kPowersOfTen[kLongestShift];
    if (value == 0) return value;
    if (exponent > kLongestShift) return std::nullopt;
    const double power = kPowersOfTen[static_cast<std::size_t>(exponent < 0 ? -exponent : exponent)];
    value = exponent < 0 ? value / power : value * power;
    return std::isinf(value) ? std::nullopt : std::optional(value);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint64_t digits_ = 0;
  std::int64_t exponent_ = 0;  // of ten
  bool full_ = false;
};

}  // namespace

std::optional<double> parse_json_number(std::string_view text) noexcept { return NumberReader(text).read(); }

}  // namespace tamis::text
