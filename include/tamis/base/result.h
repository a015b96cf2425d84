#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tamis {

/// What kind of failure. The numbers are fixed for ever: they become exit codes, HTTP status and Python exceptions.
enum class Code : int {
  kInvalidArgument = 1,  ///< the caller asked for something that makes no sense
  kNotFound = 2,         ///< the named thing does not exist
  kCorrupt = 3,          ///< stored bytes are damaged or not what they claim to be
  kUnsupported = 4,      ///< well-formed, but this build cannot do it
  kIo = 5,               ///< the operating system said no (disk full, permission, …)
  kExhausted = 6,        ///< a stated limit was reached (size, depth, memory)
  kCancelled = 7,        ///< the caller asked to stop
  kBusy = 8,             ///< somebody else holds the lock
};

/// The name of a code, e.g. "corrupt".
[[nodiscard]] std::string_view to_string(Code code) noexcept;

/// A failure: a code and a sentence "what: what was wrong (seen, wanted)".
struct Error {
  Code code = Code::kInvalidArgument;
  std::string message;
};

/// Puts the caller's view in front: within("segments/7.seg", error) reads "segments/7.seg: …".
[[nodiscard]] Error within(std::string_view where, Error error);

/// Thrown by Result::value() only. For tests, tools and bindings; library code does not throw.
[[noreturn]] void throw_error(Error error);

/// Either a T or an Error. The names follow std::expected.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(*-explicit-*)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(*-explicit-*)

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  [[nodiscard]] T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  [[nodiscard]] const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  [[nodiscard]] T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  [[nodiscard]] T* operator->() noexcept { return std::get_if<0>(&state_); }
  [[nodiscard]] const T* operator->() const noexcept { return std::get_if<0>(&state_); }
  [[nodiscard]] const Error& error() const& noexcept { return *std::get_if<1>(&state_); }
  [[nodiscard]] Error error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

  /// The value, or throws std::runtime_error. For tests, tools and bindings.
  T value() && {
    if (!has_value()) throw_error(std::move(*this).error());
    return std::move(**this);
  }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<std::monostate>;
[[nodiscard]] inline Status ok() { return std::monostate{}; }

}  // namespace tamis

#define TAMIS_CAT_IMPL(a, b) a##b
#define TAMIS_CAT(a, b) TAMIS_CAT_IMPL(a, b)
/// Leaves the enclosing function with the error, or binds the value: TAMIS_TRY(auto index, open(path));
#define TAMIS_TRY(decl, expr) TAMIS_TRY_IMPL(TAMIS_CAT(tamis_result_, __LINE__), decl, expr)
#define TAMIS_TRY_IMPL(tmp, decl, expr)    \
  auto tmp = (expr);                       \
  if (!tmp) return std::move(tmp).error(); \
  decl = std::move(*tmp)
/// The same for a Status.
#define TAMIS_TRY_OK(expr)                                                                 \
  do {                                                                                     \
    if (auto tamis_status = (expr); !tamis_status) return std::move(tamis_status).error(); \
  } while (false)
