#pragma once

#include <tamis/base/config.h>
#include <tamis/base/result.h>

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tamis::cli {

struct Context;

inline constexpr int kFound = 0;
inline constexpr int kNothingFound = 1;
inline constexpr int kError = 2;

/// What a value stands for, so that shells can complete it.
enum class Hint : std::uint8_t { kNone, kFile, kFolder, kPath };

/// One option or argument. Parsing, --help, the manual page and the shell completions are all made from this.
struct Option {
  std::string names;  ///< "-k,--k"; "" for an argument
  std::string value;  ///< what the value is called, "N", "FILE"; "" for a flag
  std::string help;
  std::string normal;  ///< the default, as text; "" = not shown
  std::string group = "Options";
  std::vector<std::string> choices;
  Hint hint = Hint::kNone;
  bool repeated = false;                        ///< may be given several times
  std::function<Status(std::string_view)> set;  ///< called for each value; with "" for a flag

  [[nodiscard]] bool is_argument() const { return names.empty(); }
  [[nodiscard]] bool is_flag() const { return !is_argument() && value.empty(); }
  /// "--k" of "-k,--k"; the argument's name for arguments.
  [[nodiscard]] std::string long_name() const;
  /// "-k" of "-k,--k", "" if there is none.
  [[nodiscard]] std::string short_name() const;
  Option& among(std::vector<std::string> values) {
    choices = std::move(values);
    return *this;
  }
  Option& of(Hint what) {
    hint = what;
    return *this;
  }
  Option& in(std::string_view where) {
    group = where;
    return *this;
  }
};

/// One command of the program: what it is called with and what it does.
struct Command {
  std::string name;
  std::string summary;                                        ///< one line
  std::string description;                                    ///< paragraphs, separated by an empty line
  std::vector<std::pair<std::string, std::string>> examples;  ///< command line, what it does
  std::vector<Option> options;
  std::function<Result<int>(Context&)> run;  ///< the exit code

  /// A flag that sets `target`.
  Option& flag(std::string names, bool& target, std::string help);
  /// An option with a value: text, a number, or, when `target` is a vector, one that may be repeated.
  template <class T>
  Option& option(std::string names, std::string value, T& target, std::string help) {
    Option& made = add(std::move(names), std::move(value), std::move(help));
    const std::string called = made.long_name();
    if constexpr (std::same_as<T, std::vector<std::string>>) {
      made.repeated = true;
      made.set = [&target](std::string_view text) {
        target.emplace_back(text);
        return ok();
      };
    } else {
      made.normal = detail::field_to_text(target);
      made.set = [&target, called](std::string_view text) { return detail::text_to_field(called, text, target); };
    }
    return made;
  }
  /// An option that takes bytes: 500M, 4G.
  Option& bytes_option(std::string names, std::uint64_t& target, std::string help);
  /// All further words of the command line.
  Option& arguments(std::string value, std::vector<std::string>& target, std::string help);
  /// One option for each field of a configuration: k1 becomes --k1, target_words --target-words.
  template <class Config>
  void config_options(Config& config, std::string_view group) {
    visit_fields(config, [&](std::string_view field, auto& value, std::string_view help) {
      const std::string flag_name = "--" + with_dashes(field);
      if constexpr (std::is_same_v<std::remove_reference_t<decltype(value)>, bool>) {
        flag(flag_name, value, std::string(help)).in(group);
      } else {
        option(flag_name, "N", value, std::string(help)).in(group);
      }
    });
  }

 private:
  Option& add(std::string names, std::string value, std::string help);
  static std::string with_dashes(std::string_view field_name);
};

/// "4G", "512M", "64k", "1000000": bytes. kInvalidArgument names the option.
[[nodiscard]] Result<std::uint64_t> parse_bytes(std::string_view name, std::string_view text);

/// The one list of commands, in the order of the manual.
[[nodiscard]] std::vector<Command> all_commands();
// One file a command.
[[nodiscard]] Command make_index_command();
[[nodiscard]] Command make_search_command();
[[nodiscard]] Command make_show_command();
[[nodiscard]] Command make_info_command();
[[nodiscard]] Command make_verify_command();
[[nodiscard]] Command make_remove_command();
[[nodiscard]] Command make_merge_command();
[[nodiscard]] Command make_eval_command();
[[nodiscard]] Command make_tune_command();
[[nodiscard]] Command make_bench_command();
#ifdef TAMIS_NEURAL
[[nodiscard]] Command make_model_command();
[[nodiscard]] Command make_encode_command();
#endif
[[nodiscard]] Command make_cpu_command();
[[nodiscard]] Command make_completion_command();
[[nodiscard]] Command make_man_command();

}  // namespace tamis::cli
