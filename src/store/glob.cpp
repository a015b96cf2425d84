#include "glob.h"

#include <fmt/format.h>

#include <optional>

namespace tamis::store {
namespace {

constexpr std::size_t kLongestPattern = 4096;
constexpr char32_t kBroken = 0x110000;  // above Unicode: a byte that is no UTF-8 equals only itself

}  // namespace

Glob::Character Glob::character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
  if (length == 1 || lead >= 0xF5 || at + length > text.size()) return {kBroken + lead, 1};
  char32_t value = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return {kBroken + lead, 1};
    value = (value << 6) | (byte(at + i) & 0x3FU);
  }
  return {value, length};
}

void Glob::add_star(std::string_view pattern, std::size_t& at) {
  const bool at_part = at == 0 || pattern[at - 1] == '/';
  std::size_t stars = 0;
  while (at < pattern.size() && pattern[at] == '*') ++at, ++stars;
  Step step;
  step.token = stars > 1 || kind_ == Kind::kValue ? Token::kDeepStar : Token::kStar;
  if (kind_ == Kind::kPath && stars > 1 && at_part && at < pattern.size() && pattern[at] == '/') {
    step.token = Token::kFolders;
    ++at;
  }
  steps_.push_back(step);
}

/// `at` is behind the '['. A ']' that comes first is one of the set.
Status Glob::add_set(std::string_view pattern, std::size_t& at) {
  Step step;
  step.token = Token::kSet;
  step.first_range = static_cast<std::uint32_t>(ranges_.size());
  const auto take = [&]() -> std::optional<char32_t> {
    if (at < pattern.size() && pattern[at] == '\\') ++at;
    if (at >= pattern.size()) return std::nullopt;
    const auto character = character_at(pattern, at);
    at += character.bytes;
    return character.value;
  };
  if (at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^')) step.negated = true, ++at;
  for (bool first = true; first || at >= pattern.size() || pattern[at] != ']'; first = false) {
    const auto low = take();
    auto high = low;
    if (low && at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      ++at;
      high = take();
    }
    if (!low || !high) {
      return Error{Code::kInvalidArgument, fmt::format("pattern '{}': a '[' without its ']'", pattern)};
    }
    ranges_.emplace_back(*low, *high);
  }
  ++at;
  step.last_range = static_cast<std::uint32_t>(ranges_.size());
  steps_.push_back(step);
  return ok();
}

Result<Glob> Glob::compile(std::string_view pattern, Kind kind) {
  if (pattern.size() > kLongestPattern) {
    return Error{Code::kInvalidArgument,
                 fmt::format("a pattern of {} bytes: at most {} are taken", pattern.size(), kLongestPattern)};
  }
  Glob glob;
  glob.kind_ = kind;
  glob.base_name_too_ = kind == Kind::kPath && pattern.find('/') == std::string_view::npos;
  for (std::size_t at = 0; at < pattern.size();) {
    Step step;
    if (pattern[at] == '*') {
      glob.add_star(pattern, at);
      continue;
    }
    if (pattern[at] == '[') {
      TAMIS_TRY_OK(glob.add_set(pattern, ++at));
      continue;
    }
    if (pattern[at] == '?') {
      step.token = Token::kAny;
      ++at;
    } else {
      if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
      const auto character = character_at(pattern, at);
      step.character = character.value;
      at += character.bytes;
    }
    glob.steps_.push_back(step);
  }
  if (kind == Kind::kPath && pattern.ends_with('/')) {
    Step rest;
    rest.token = Token::kDeepStar;
    glob.steps_.push_back(rest);
  }
  return glob;
}

bool Glob::takes(const Step& step, char32_t character) const {
  if (step.token == Token::kCharacter) return step.character == character;
  if (kind_ == Kind::kPath && character == '/') return false;
  if (step.token == Token::kAny) return true;
  for (auto i = step.first_range; i < step.last_range; ++i) {
    if (ranges_[i].first <= character && character <= ranges_[i].second) return !step.negated;
  }
  return step.negated;
}

/// One pass with two places to go back to: the last `*`, which cannot pass a '/', and the last `**`. What an earlier
/// star could still take in, the later one takes as well, so no more places are needed.
bool Glob::matches_whole(std::string_view text) const {
  struct Retry {
    std::size_t step, at;
  };
  std::optional<Retry> star;
  std::optional<Retry> deep;
  bool folders = false;  // whether `deep` stands for `**/`, which goes on only behind a '/'
  std::size_t step = 0;
  std::size_t at = 0;
  for (;;) {
    const Token token = step < steps_.size() ? steps_[step].token : Token::kCharacter;
    if (step == steps_.size() && at == text.size()) return true;
    if (step < steps_.size() && token == Token::kStar) {
      star = Retry{++step, at};
    } else if (step < steps_.size() && (token == Token::kDeepStar || token == Token::kFolders)) {
      deep = Retry{++step, at};
      star.reset();
      folders = token == Token::kFolders;
    } else if (const auto next = at < text.size() ? character_at(text, at) : Character{0, 0};
               step < steps_.size() && next.bytes > 0 && takes(steps_[step], next.value)) {
      ++step;
      at += next.bytes;
    } else if (star && star->at < text.size() && text[star->at] != '/') {
      star->at += character_at(text, star->at).bytes;
      step = star->step;
      at = star->at;
    } else if (deep && deep->at < text.size()) {
      const auto slash = text.find('/', deep->at);
      if (folders && slash == std::string_view::npos) return false;
      deep->at = folders ? slash + 1 : deep->at + character_at(text, deep->at).bytes;
      step = deep->step;
      at = deep->at;
      star.reset();
    } else {
      return false;
    }
  }
}

bool Glob::matches(std::string_view text) const {
  if (matches_whole(text)) return true;
  const auto slash = text.rfind('/');
  return base_name_too_ && slash != std::string_view::npos && matches_whole(text.substr(slash + 1));
}

}  // namespace tamis::store
