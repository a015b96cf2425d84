#include <fmt/format.h>
#include <tamis/docs/document.h>
#include <tamis/text/unicode.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace tamis::docs {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\f' || c == '\v'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Days from 1970-01-01 in the proleptic Gregorian calendar: years begin in March, so that the leap day is the last.
constexpr std::int64_t days_from_civil(int year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

constexpr int days_in_month(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

/// Reads fixed-width digits off the front of a text.
class DateScanner {
 public:
  explicit DateScanner(std::string_view text) : rest_(text) {}
  [[nodiscard]] bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool number(std::size_t digits, int& value) {
    if (rest_.size() < digits) return false;
    value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(rest_[i])) return false;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return true;
  }
  void skip_digits() {
    while (!rest_.empty() && is_digit(rest_.front())) rest_.remove_prefix(1);
  }

 private:
  std::string_view rest_;
};

std::optional<std::int64_t> time_of_day(DateScanner& scan) {
  int hour = 0, minute = 0, second = 0;
  if (!scan.number(2, hour) || !scan.take(':') || !scan.number(2, minute)) return std::nullopt;
  if (scan.take(':')) {
    if (!scan.number(2, second)) return std::nullopt;
    if (scan.take('.')) scan.skip_digits();
  }
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
  std::int64_t seconds = hour * 3600 + minute * 60 + second;
  if (scan.done() || scan.take('Z')) return seconds;
  const int sign = scan.take('+') ? -1 : scan.take('-') ? 1 : 0;
  int zone_hour = 0, zone_minute = 0;
  if (sign == 0 || !scan.number(2, zone_hour)) return std::nullopt;
  scan.take(':');
  if (!scan.done() && !scan.number(2, zone_minute)) return std::nullopt;
  if (zone_hour > 23 || zone_minute > 59) return std::nullopt;
  return seconds + sign * (zone_hour * 3600 + zone_minute * 60);
}

std::optional<Date> iso_date(std::string_view text) {
  DateScanner scan(text);
  int year = 0, month = 0, day = 0;
  if (!scan.number(4, year) || !scan.take('-') || !scan.number(2, month) || !scan.take('-') || !scan.number(2, day)) {
    return std::nullopt;
  }
  if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return std::nullopt;
  const std::int64_t midnight = days_from_civil(year, month, day) * 86400;
  if (scan.done()) return Date{midnight};
  if (!scan.take('T') && !scan.take(' ')) return std::nullopt;
  const auto seconds = time_of_day(scan);
  if (!seconds || !scan.done()) return std::nullopt;
  return Date{midnight + *seconds};
}

// "007", "0123" and digits beyond what a double holds exactly are names, not quantities.
std::optional<double> plain_number(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || (!is_digit(digits[0]) && digits[0] != '.')) return std::nullopt;
  if (digits.size() > 1 && digits[0] == '0' && is_digit(digits[1])) return std::nullopt;
  if (digits.size() > 15 && std::ranges::all_of(digits, is_digit)) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Error broken(std::string what) { return {Code::kCorrupt, "extracted document: " + std::move(what)}; }

Status check_string(std::string_view what, std::string_view text) {
  if (!text::is_valid_utf8(text)) return broken(fmt::format("{}: not valid UTF-8", what));
  if (text.find('\0') != std::string_view::npos) return broken(fmt::format("{}: holds a NUL", what));
  return ok();
}

Status check_blocks(const ExtractedDocument& document) {
  const std::string_view text = document.text;
  const auto char_border = [&](std::size_t at) {
    return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
  };
  std::size_t last = 0;
  for (std::size_t i = 0; i <= document.blocks.size(); ++i) {
    const bool tail = i == document.blocks.size();
    const std::size_t begin = tail ? text.size() : document.blocks[i].begin;
    const std::size_t end = tail ? text.size() : document.blocks[i].end;
    if (begin < last || end < begin || end > text.size()) {
      return broken(
          fmt::format("block {}: range {}..{} after {} in a text of {} bytes", i, begin, end, last, text.size()));
    }
    if (!std::all_of(text.begin() + static_cast<std::ptrdiff_t>(last),
                     text.begin() + static_cast<std::ptrdiff_t>(begin), is_space)) {
      return broken(fmt::format("block {}: text outside of blocks between {} and {}", i, last, begin));
    }
    if (!char_border(begin) || !char_border(end)) return broken(fmt::format("block {}: cuts a character", i));
    if (!tail && begin == end) return broken(fmt::format("block {}: empty at {}", i, begin));
    if (!tail && document.blocks[i].kind == BlockKind::kHeading &&
        (document.blocks[i].level < 1 || document.blocks[i].level > 6)) {
      return broken(fmt::format("block {}: heading level {} (wanted 1 to 6)", i, document.blocks[i].level));
    }
    last = end;
  }
  return ok();
}

Status check_origins(const ExtractedDocument& document) {
  if (document.origins.empty()) return document.text.empty() ? ok() : Status(broken("no origin marks"));
  if (document.origins.front().offset != 0) return broken("the first origin mark is not at offset 0");
  for (std::size_t i = 0; i < document.origins.size(); ++i) {
    const auto& mark = document.origins[i];
    if (mark.number == 0) return broken(fmt::format("origin mark {}: number 0 (counting begins at 1)", i));
    if (mark.offset > document.text.size())
      return broken(fmt::format("origin mark {}: offset {} out of the text", i, mark.offset));
    if (i > 0 && mark.offset < document.origins[i - 1].offset)
      return broken(fmt::format("origin mark {}: out of order", i));
  }
  return ok();
}

}  // namespace

MetaValue typed_value(std::string_view text) {
  const std::string_view value = trimmed(text);
  if (value.size() <= 40) {
    if (const auto date = iso_date(value)) return *date;
    if (const auto number = plain_number(value)) return *number;
  }
  return std::string(text);
}

std::uint32_t origin_of(const ExtractedDocument& document, std::uint32_t offset) {
  const auto& marks = document.origins;
  const auto after = std::upper_bound(marks.begin(), marks.end(), offset,
                                      [](std::uint32_t at, const OriginMark& mark) { return at < mark.offset; });
  if (after == marks.begin()) return 1;
  const OriginMark& mark = *std::prev(after);
  if (document.origin_kind == OriginKind::kPage) return mark.number;
  const auto begin =
      document.text.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(mark.offset, document.text.size()));
  const auto end =
      document.text.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(offset, document.text.size()));
  return mark.number + static_cast<std::uint32_t>(std::count(begin, end, '\n'));
}

Status check_document(const ExtractedDocument& document) {
  if (document.text.size() > std::numeric_limits<std::uint32_t>::max()) return broken("text of 4 GiB or more");
  TAMIS_TRY_OK(check_string("text", document.text));
  if (document.text.find('\r') != std::string::npos) return broken("text: holds a carriage return");
  TAMIS_TRY_OK(check_string("item", document.item));
  TAMIS_TRY_OK(check_string("title", document.title));
  TAMIS_TRY_OK(check_string("language", document.language));
  for (const auto& field : document.metadata) {
    TAMIS_TRY_OK(check_string("metadata name", field.name));
    if (const auto* value = std::get_if<std::string>(&field.value)) TAMIS_TRY_OK(check_string(field.name, *value));
  }
  TAMIS_TRY_OK(check_blocks(document));
  return check_origins(document);
}

}  // namespace tamis::docs
