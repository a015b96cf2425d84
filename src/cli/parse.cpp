// The only file that includes CLI11.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <deque>
#include <exception>

#include "app.h"

namespace tamis::cli {
namespace {

/// A question may begin with a minus ("-draft report"). An argument with white space is never an option, except the
/// value of --name=value; this mark keeps it from being taken for one.
constexpr char kShield = '\x01';

std::string shield(const std::string& word) {
  const auto space = word.find_first_of(" \t\n");
  if (!word.starts_with('-') || space == std::string::npos) return word;
  if (word.starts_with("--") && word.find('=') < space) return word;
  return kShield + word;
}

std::string_view unshield(std::string_view word) {
  if (word.starts_with(kShield)) word.remove_prefix(1);
  return word;
}

Error unknown_option(const Command& command, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  std::vector<std::string> known = {"--help"};
  bool has_words = false;
  for (const auto& option : command.options) {
    if (option.is_argument()) {
      has_words = true;
    } else {
      known.push_back(option.long_name());
    }
  }
  if (!word.starts_with('-')) return Error{Code::kInvalidArgument, fmt::format("'{}' is one argument too many", word)};
  std::string message = fmt::format("no option {}", name);
  if (const auto meant = nearest(name, known); !meant.empty()) {
    message += fmt::format(": is {} meant?", meant);
  } else if (command.name == "search" && has_words) {
    message += ": to leave a word out, put the question in quotes: tamis search \"rotate -draft\"";
  }
  return Error{Code::kInvalidArgument, message};
}

Status set_values(const Option& option, const std::vector<std::string>& values) {
  for (const auto& value : values) {
    const auto text = unshield(value);
    if (!option.choices.empty() &&
        std::find(option.choices.begin(), option.choices.end(), text) == option.choices.end()) {
      return Error{Code::kInvalidArgument, fmt::format("{}: '{}' is not known (there are {})", option.long_name(), text,
                                                       fmt::join(option.choices, ", "))};
    }
    TAMIS_TRY_OK(option.set(text));
  }
  return ok();
}

/// An option as CLI11 sees it: it gathers the values, we set them.
struct Bound {
  const Option* option = nullptr;
  std::vector<std::string> values = {};
  bool on = false;
  CLI::Option* parsed = nullptr;
};

void bind(CLI::App& app, Bound& bound) {
  const Option& option = *bound.option;
  if (option.is_flag()) {
    bound.parsed = app.add_flag(option.names, bound.on);
    return;
  }
  bound.parsed = app.add_option(option.is_argument() ? "arguments" : option.names, bound.values);
  if (option.is_argument()) {
    bound.parsed->expected(0, CLI::detail::expected_max_vector_size);
  } else {
    bound.parsed->expected(1)->allow_extra_args(false)->multi_option_policy(
        option.repeated ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::TakeLast);
  }
}

Result<Parsed> parse(const Command& command, std::vector<std::string> words) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  bool help = false;
  app.add_flag("-h,--help", help);
  std::deque<Bound> bounds;  // CLI11 keeps references
  for (const auto& option : command.options) {
    bounds.push_back({&option});
    bind(app, bounds.back());
  }
  std::reverse(words.begin(), words.end());  // as it wants them
  app.parse(std::move(words));
  if (help) return Parsed{true};
  for (const auto& word : app.remaining()) {
    if (word != "--") return unknown_option(command, std::string(unshield(word)));
  }
  for (const auto& bound : bounds) {
    if (bound.parsed->count() == 0) continue;
    if (bound.option->is_flag()) {
      if (bound.on) TAMIS_TRY_OK(bound.option->set(""));  // --json=false is false
    } else {
      TAMIS_TRY_OK(set_values(*bound.option, bound.values));
    }
  }
  return Parsed{};
}

}  // namespace

Result<Parsed> parse_options(const Command& command, const std::vector<std::string>& words) {
  std::vector<std::string> shielded;
  for (const auto& word : words) shielded.push_back(shield(word));
  try {
    return parse(command, std::move(shielded));
  } catch (const CLI::ParseError& error) {
    return Error{Code::kInvalidArgument, error.what()};
  }
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  const auto distance = [&](std::string_view other) {  // Levenshtein, one row
    std::vector<std::size_t> row(other.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= word.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j < row.size(); ++j) {
        const std::size_t replaced = diagonal + (word[i - 1] == other[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
      }
    }
    return row.back();
  };
  std::string best;
  std::size_t best_distance = word.size() > 6 ? 4 : 3;
  for (const auto& candidate : candidates) {
    if (word.size() > 64) break;
    if (const auto d = distance(candidate); d < best_distance) {
      best_distance = d;
      best = candidate;
    }
  }
  return best;
}

}  // namespace tamis::cli
