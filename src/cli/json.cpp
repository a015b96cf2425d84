#include "json.h"

#include <fmt/format.h>
#include <tamis/text/unicode.h>

#include <utility>

namespace tamis::cli {

std::string json_text(std::string_view text) {
  std::string repaired;
  if (!text::is_valid_utf8(text)) {
    repaired = text::repair_utf8(text);
    text = repaired;
  }
  std::string out = "\"";
  out.reserve(text.size() + 2);
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\x7f':
        out += "\\u007f";
        break;  // allowed, but no terminal's friend
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
  return out;
}

void JsonObject::key(std::string_view name) {
  if (out_.size() > 1) out_ += ',';
  out_ += json_text(name);
  out_ += ':';
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
  key(name);
  out_ += json;
  return *this;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) { return raw(name, json_text(value)); }
JsonObject& JsonObject::number(std::string_view name, std::uint64_t value) { return raw(name, std::to_string(value)); }
JsonObject& JsonObject::number(std::string_view name, float value) { return raw(name, fmt::format("{}", value)); }
JsonObject& JsonObject::number(std::string_view name, double value) { return raw(name, fmt::format("{}", value)); }
JsonObject& JsonObject::boolean(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
JsonObject& JsonObject::null(std::string_view name) { return raw(name, "null"); }

std::string JsonObject::finish() && {
  out_ += '}';
  return std::move(out_);
}

}  // namespace tamis::cli
