#include "command.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <system_error>

namespace tamis::cli {

std::string Option::long_name() const {
  if (is_argument()) return value;
  const auto comma = names.find(',');
  return comma == std::string::npos ? names : names.substr(comma + 1);
}

std::string Option::short_name() const {
  const auto comma = names.find(',');
  return comma == std::string::npos ? "" : names.substr(0, comma);
}

Option& Command::add(std::string names, std::string value, std::string help) {
  Option option;
  option.names = std::move(names);
  option.value = std::move(value);
  option.help = std::move(help);
  options.push_back(std::move(option));
  return options.back();
}

Option& Command::flag(std::string names, bool& target, std::string help) {
  Option& made = add(std::move(names), "", std::move(help));
  made.set = [&target](std::string_view) {
    target = true;
    return ok();
  };
  return made;
}

Option& Command::bytes_option(std::string names, std::uint64_t& target, std::string help) {
  Option& made = add(std::move(names), "SIZE", std::move(help));
  made.normal = fmt::format("{}M", target >> 20);
  made.set = [&target, called = made.long_name()](std::string_view text) -> Status {
    TAMIS_TRY(target, parse_bytes(called, text));
    return ok();
  };
  return made;
}

Option& Command::arguments(std::string value, std::vector<std::string>& target, std::string help) {
  Option& made = option("", std::move(value), target, std::move(help));
  made.group = "Arguments";
  return made;
}

std::string Command::with_dashes(std::string_view field_name) {
  std::string out(field_name);
  for (char& c : out) {
    if (c == '_') c = '-';
  }
  return out;
}

Result<std::uint64_t> parse_bytes(std::string_view name, std::string_view text) {
  const auto refuse = [&] {
    return Error{Code::kInvalidArgument,
                 fmt::format("{}: '{}' is not a size (wanted a number of bytes, or 64k, 512M, 4G)", name, text)};
  };
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return refuse();
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const std::string_view tail : {"iB", "B", "b"}) {
    if (unit.size() > 1 && unit.ends_with(tail)) unit.remove_suffix(tail.size());
  }
  unsigned shift = 0;
  if (unit == "k" || unit == "K") {
    shift = 10;
  } else if (unit == "m" || unit == "M") {
    shift = 20;
  } else if (unit == "g" || unit == "G") {
    shift = 30;
  } else if (unit == "t" || unit == "T") {
    shift = 40;
  } else if (!unit.empty() && unit != "B" && unit != "b") {
    return refuse();
  }
  if (number > (std::numeric_limits<std::uint64_t>::max() >> shift)) return refuse();
  return number << shift;
}

}  // namespace tamis::cli
