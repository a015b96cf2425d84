#include "encoding.h"

#include <fmt/format.h>
#include <iconv.h>
#include <tamis/text/unicode.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>

namespace tamis::docs {
namespace {

constexpr std::uint64_t kMaxText = std::numeric_limits<std::uint32_t>::max();
constexpr std::string_view kUtf8 = "UTF-8", kUtf16Le = "UTF-16LE", kUtf16Be = "UTF-16BE", kLatin1 = "ISO-8859-1",
                           kWindows1252 = "windows-1252";

// Unicode characters of the windows-1252 bytes 0x80 to 0x9F; the five unused ones keep their number.
constexpr char16_t kWindows1252Table[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                            0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                            0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                            0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

// Encodings that a document may name. Only stateless tables: no shift sequences, nothing that reads from elsewhere.
constexpr std::string_view kDeclarable[] = {
    "iso-8859-2",   "iso-8859-3",   "iso-8859-4",   "iso-8859-5",   "iso-8859-6",   "iso-8859-7",   "iso-8859-8",
    "iso-8859-10",  "iso-8859-13",  "iso-8859-14",  "iso-8859-15",  "iso-8859-16",  "windows-1250", "windows-1251",
    "windows-1253", "windows-1254", "windows-1255", "windows-1256", "windows-1257", "windows-1258", "koi8-r",
    "koi8-u",       "ibm866",       "gbk",          "gb2312",       "gb18030",      "big5",         "euc-jp",
    "shift_jis",    "euc-kr",       "tis-620"};

std::uint32_t utf16_unit(std::string_view bytes, std::size_t at, bool little) {
  const auto a = static_cast<unsigned char>(bytes[at]);
  const auto b = static_cast<unsigned char>(bytes[at + 1]);
  return little ? static_cast<std::uint32_t>(a | (b << 8U)) : static_cast<std::uint32_t>(b | (a << 8U));
}
constexpr bool is_high_surrogate(std::uint32_t unit) { return (unit & 0xFC00U) == 0xD800U; }
constexpr bool is_low_surrogate(std::uint32_t unit) { return (unit & 0xFC00U) == 0xDC00U; }
constexpr bool is_text_control(std::uint32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\b' || c == 0x1B;
}

// Whether the first 4 KiB read as UTF-16 text: no NUL or non-character, hardly a control character, surrogates in
// pairs.
bool reads_as_utf16(std::string_view head, bool little) {
  std::size_t odd = 0;
  bool after_high = false;
  for (std::size_t i = 0; i + 1 < head.size(); i += 2) {
    const std::uint32_t unit = utf16_unit(head, i, little);
    if (unit == 0 || unit >= 0xFFFEU) return false;
    if (is_low_surrogate(unit) != after_high) return false;
    after_high = is_high_surrogate(unit);
    if (unit < 0x20 && !is_text_control(unit)) ++odd;
  }
  return odd * 100 <= head.size() / 2;
}

// Nearly all of one half NUL is Latin text; fewer NULs (line ends, spaces) are enough where many bytes are not ASCII,
// as in Cyrillic or Chinese text; a few NULs among ASCII are just NULs.
std::string_view utf16_by_nuls(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, 4096);
  if (head.find('\0') == std::string_view::npos) return {};
  std::size_t nuls[2] = {0, 0}, strange = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    nuls[i % 2] += head[i] == '\0' ? 1 : 0;
    strange += head[i] != '\0' && (head[i] < ' ' || head[i] > '~') && head[i] != '\n' ? 1 : 0;
  }
  const bool little = nuls[1] > nuls[0];
  const std::size_t half = head.size() / 2, likely = std::max(nuls[0], nuls[1]);
  if (likely == 0 || likely * 20 < half || (likely * 10 < half * 7 && strange * 100 < head.size() * 15)) return {};
  if (!reads_as_utf16(head, little)) return {};
  return little ? kUtf16Le : kUtf16Be;
}

// Whether bytes that are not valid UTF-8 are UTF-8 all the same, with some damage: good sequences outnumber broken
// ones.
bool mostly_utf8(std::string_view bytes) {
  std::size_t good = 0, broken = 0;
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i++]);
    if (lead < 0x80) continue;
    const std::size_t tail = lead >= 0xC2 && lead < 0xE0   ? 1
                             : lead >= 0xE0 && lead < 0xF0 ? 2
                             : lead >= 0xF0 && lead < 0xF5 ? 3
                                                           : 0;
    std::size_t seen = 0;
    while (seen < tail && i < bytes.size() && (static_cast<unsigned char>(bytes[i]) & 0xC0U) == 0x80U) ++seen, ++i;
    const bool cut_at_end = i == bytes.size() && seen < tail && good > 0;
    (tail != 0 && (seen == tail || cut_at_end) ? good : broken) += 1;
  }
  return good > broken;
}

std::string from_utf16(std::string_view bytes, bool little) {
  std::string out;
  out.reserve(bytes.size() / 2 + 16);
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    std::uint32_t c = utf16_unit(bytes, i, little);
    if (is_high_surrogate(c) && i + 3 < bytes.size() && is_low_surrogate(utf16_unit(bytes, i + 2, little))) {
      c = 0x10000U + ((c & 0x3FFU) << 10U) + (utf16_unit(bytes, i + 2, little) & 0x3FFU);
      i += 2;
    } else if (is_high_surrogate(c) || is_low_surrogate(c)) {
      c = 0xFFFDU;
    }
    append_utf8(out, c);
  }
  if (bytes.size() % 2 != 0) append_utf8(out, 0xFFFDU);
  return out;
}

std::string from_windows1252(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const char byte : bytes) {
    const auto c = static_cast<unsigned char>(byte);
    append_utf8(out, c >= 0x80 && c < 0xA0 ? windows1252(c) : c);
  }
  return out;
}

struct IconvClose {
  void operator()(void* handle) const noexcept { iconv_close(handle); }
};

// False when the converter is not there; what it cannot read becomes U+FFFD, a byte at a time.
bool from_charset(std::string& bytes, const std::string& charset, std::string& out) {
  iconv_t opened = iconv_open("UTF-8", charset.c_str());
  if (opened == reinterpret_cast<iconv_t>(-1)) return false;  // NOLINT(*-reinterpret-cast): the documented error value
  const std::unique_ptr<void, IconvClose> converter(opened);
  char* in = bytes.data();
  std::size_t in_left = bytes.size();
  char buffer[16384];
  while (in_left > 0) {
    char* to = buffer;
    std::size_t to_left = sizeof buffer;
    const std::size_t done = iconv(converter.get(), &in, &in_left, &to, &to_left);
    const int why = errno;
    out.append(buffer, sizeof buffer - to_left);
    if (done == static_cast<std::size_t>(-1) && why != E2BIG && in_left > 0) {
      append_utf8(out, 0xFFFDU);
      ++in;
      --in_left;
      iconv(converter.get(), nullptr, nullptr, nullptr, nullptr);
    }
    if (out.size() > kMaxText) return true;  // finish() reports it
  }
  return true;
}

void normalise_line_ends(std::string& text) {
  if (text.find('\r') == std::string::npos) return;
  const bool old_mac = text.find('\n') == std::string::npos;
  std::size_t to = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      text[to++] = text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      text[to++] = old_mac ? '\n' : ' ';
    }
  }
  text.resize(to);
}

Result<DecodedText> finish(std::string text, std::string_view encoding) {
  if (text.size() >= kMaxText)
    return Error{Code::kExhausted, fmt::format("text of {} bytes (limit 4 GiB)", text.size())};
  normalise_line_ends(text);
  for (std::size_t nul = text.find('\0'); nul != std::string::npos; nul = text.find('\0', nul)) text[nul] = ' ';
  return DecodedText{std::move(text), std::string(encoding)};
}

Result<DecodedText> decode_as(std::string bytes, std::string_view encoding) {
  if (bytes.size() >= kMaxText)
    return Error{Code::kExhausted, fmt::format("text of {} bytes (limit 4 GiB)", bytes.size())};
  if (encoding == kUtf8) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
    return finish(text::is_valid_utf8(bytes) ? std::move(bytes) : text::repair_utf8(bytes), encoding);
  }
  if (encoding == kUtf16Le || encoding == kUtf16Be) {
    std::string_view body = bytes;
    if (body.starts_with("\xFF\xFE") || body.starts_with("\xFE\xFF")) body.remove_prefix(2);
    return finish(from_utf16(body, encoding == kUtf16Le), encoding);
  }
  return finish(from_windows1252(bytes), encoding);
}

}  // namespace

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0U | (c >> 6U));
    out += static_cast<char>(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0U | (c >> 12U));
    out += static_cast<char>(0x80U | ((c >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (c & 0x3FU));
  } else {
    out += static_cast<char>(0xF0U | (c >> 18U));
    out += static_cast<char>(0x80U | ((c >> 12U) & 0x3FU));
    out += static_cast<char>(0x80U | ((c >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (c & 0x3FU));
  }
}

std::uint32_t windows1252(unsigned char byte) { return kWindows1252Table[byte & 0x1FU]; }

std::string_view detect_encoding(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) return kUtf8;
  if (bytes.starts_with("\xFF\xFE")) return kUtf16Le;
  if (bytes.starts_with("\xFE\xFF")) return kUtf16Be;
  if (const auto utf16 = utf16_by_nuls(bytes); !utf16.empty()) return utf16;
  if (text::is_valid_utf8(bytes) || mostly_utf8(bytes)) return kUtf8;
  const bool windows =
      std::ranges::any_of(bytes, [](char c) { return (static_cast<unsigned char>(c) & 0xE0U) == 0x80U; });
  return windows ? kWindows1252 : kLatin1;
}

Result<DecodedText> decode_text(std::string bytes) {
  const std::string_view encoding = detect_encoding(bytes);
  return decode_as(std::move(bytes), encoding);
}

Result<DecodedText> decode_text(std::string bytes, std::string_view charset) {
  const std::string_view encoding = detect_encoding(bytes);
  if (encoding != kLatin1 && encoding != kWindows1252) return decode_as(std::move(bytes), encoding);
  std::string name(charset);
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (std::ranges::find(kDeclarable, name) == std::end(kDeclarable)) return decode_as(std::move(bytes), encoding);
  std::string out;
  if (!from_charset(bytes, name, out)) return decode_as(std::move(bytes), encoding);
  return finish(text::is_valid_utf8(out) ? std::move(out) : text::repair_utf8(out), name);
}

bool looks_binary(std::string_view head, bool tolerant) {
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF") || !utf16_by_nuls(head).empty()) return false;
  const bool nuls = head.find('\0') != std::string_view::npos;
  std::size_t controls = 0;
  for (const char byte : head) {
    const auto c = static_cast<unsigned char>(byte);
    controls += (c < 0x20 && !is_text_control(c)) || c == 0x7F ? 1 : 0;
  }
  return (nuls && !tolerant) || controls * 10 > head.size();
}

}  // namespace tamis::docs
