// One JSON object without nesting: all that a configuration needs, so that `base` needs no JSON library.

#include <tamis/base/config.h>

#include <algorithm>
#include <array>

namespace tamis::detail {
namespace {

class FlatJsonParser {
 public:
  explicit FlatJsonParser(std::string_view json) : json_(json) {}

  Result<std::vector<NameValue>> parse() {
    std::vector<NameValue> pairs;
    skip_space();
    TAMIS_TRY_OK(expect('{'));
    skip_space();
    while (peek() != '}') {
      if (!pairs.empty()) {
        TAMIS_TRY_OK(expect(','));
        skip_space();
      }
      TAMIS_TRY(auto name, string());
      skip_space();
      TAMIS_TRY_OK(expect(':'));
      skip_space();
      TAMIS_TRY(auto value, scalar());
      skip_space();
      const auto same = [&](const NameValue& pair) { return pair.name == name; };
      if (std::any_of(pairs.begin(), pairs.end(), same)) return error("'" + name.substr(0, 64) + "' occurs twice");
      if (pairs.size() == kMaxPairs) return error("more than " + std::to_string(kMaxPairs) + " settings");
      pairs.push_back({std::move(name), std::move(value)});
    }
    ++at_;
    skip_space();
    if (at_ != json_.size()) return error("nothing may follow the object");
    return pairs;
  }

 private:
  static constexpr std::size_t kMaxPairs = 1000;

  [[nodiscard]] Error error(std::string_view why) const {
    return Error{Code::kInvalidArgument, "settings: " + std::string(why) + " (at byte " + std::to_string(at_) + ")"};
  }
  [[nodiscard]] char peek() const { return at_ < json_.size() ? json_[at_] : '\0'; }
  void skip_space() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\t' || peek() == '\r') ++at_;
  }
  Status expect(char wanted) {
    if (at_ == json_.size() || json_[at_] != wanted) return error(std::string("'") + wanted + "' wanted");
    ++at_;
    return ok();
  }

  Result<std::string> scalar() {
    const char first = peek();
    if (first == '"') return string();
    if (first == '-' || (first >= '0' && first <= '9')) return number();
    for (const std::string_view word : {"true", "false"}) {
      if (json_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return std::string(word);
      }
    }
    return error("a text, a number, true or false wanted");
  }

  std::size_t digits() {
    const std::size_t before = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ - before;
  }
  Result<std::string> number() {
    const std::size_t begin = at_;
    if (peek() == '-') ++at_;
    const bool zero_first = peek() == '0';
    const std::size_t whole = digits();
    if (whole == 0 || (zero_first && whole > 1)) return error("not a number");
    if (peek() == '.') {
      ++at_;
      if (digits() == 0) return error("not a number");
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (digits() == 0) return error("not a number");
    }
    return std::string(json_.substr(begin, at_ - begin));
  }

  Result<std::string> string() {
    TAMIS_TRY_OK(expect('"'));
    std::string text;
    for (;;) {
      if (at_ == json_.size()) return error("a text does not end");
      const char c = json_[at_++];
      if (c == '"') return text;
      if (static_cast<unsigned char>(c) < 0x20) return error("a control character in a text");
      if (c != '\\') {
        text += c;
        continue;
      }
      TAMIS_TRY_OK(escape(text));
    }
  }
  Status escape(std::string& text) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char letter = peek();
    if (letter == 'u') return unicode_escape(text);
    const auto known = kLetters.find(letter);
    if (at_ == json_.size() || known == std::string_view::npos) return error("an unknown escape in a text");
    text += kMeanings[known];
    ++at_;
    return ok();
  }
  Result<std::uint32_t> four_hex_digits() {
    TAMIS_TRY_OK(expect('u'));
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      constexpr std::string_view kDigits = "0123456789abcdef0123456789ABCDEF";
      const auto digit = at_ < json_.size() ? kDigits.find(json_[at_]) : std::string_view::npos;
      if (digit == std::string_view::npos) return error("\\u wants four hexadecimal digits");
      value = value * 16 + static_cast<std::uint32_t>(digit % 16);
      ++at_;
    }
    return value;
  }
  Status unicode_escape(std::string& text) {
    TAMIS_TRY(std::uint32_t point, four_hex_digits());
    if (point >= 0xDC00 && point <= 0xDFFF) return error("half of a surrogate pair");
    if (point >= 0xD800 && point <= 0xDBFF) {
      TAMIS_TRY_OK(expect('\\'));
      TAMIS_TRY(const std::uint32_t low, four_hex_digits());
      if (low < 0xDC00 || low > 0xDFFF) return error("half of a surrogate pair");
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    const auto put = [&](std::uint32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (point < 0x80) {
      put(point);
    } else if (point < 0x800) {
      put(0xC0 | (point >> 6));
      put(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
      put(0xE0 | (point >> 12));
      put(0x80 | ((point >> 6) & 0x3F));
      put(0x80 | (point & 0x3F));
    } else {
      put(0xF0 | (point >> 18));
      put(0x80 | ((point >> 12) & 0x3F));
      put(0x80 | ((point >> 6) & 0x3F));
      put(0x80 | (point & 0x3F));
    }
    return ok();
  }

  std::string_view json_;
  std::size_t at_ = 0;
};

/// Bytes from 0x80 on pass as they are: text is UTF-8, and what is not survives the round trip.
void append_quoted(std::string& json, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  json += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (byte < 0x20) {
      json += "\\u00";
      json += kDigits[byte >> 4];
      json += kDigits[byte & 15];
    } else {
      json += c;
    }
  }
  json += '"';
}

}  // namespace

Result<std::vector<NameValue>> parse_flat_json(std::string_view json) { return FlatJsonParser(json).parse(); }

std::string to_flat_json(std::span<const FieldText> fields) {
  std::string json = "{";
  for (const auto& field : fields) {
    if (json.size() > 1) json += ',';
    append_quoted(json, field.name);
    json += ':';
    if (field.type == "text") {
      append_quoted(json, field.value);
    } else {
      json += field.value;
    }
  }
  return json + "}";
}

}  // namespace tamis::detail
