#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "utf8.h"

namespace tamis::text {

inline void append_point(std::uint32_t point, std::string& out) {
  char bytes[4];
  out.append(bytes, static_cast<std::size_t>(encode_utf8(point, bytes) - bytes));
}

/// Pieces of which texts are made that the rules care about: words, identifiers, scripts, joiners, broken UTF-8.
inline constexpr std::string_view kTextPieces[] = {
    "the",
    "Running",
    "Häuser",
    "don't",
    "don’t",
    "getElementById",
    "HTTPServer",
    "snake_case",
    "a.b.c",
    "U.S.A",
    "3.14",
    "1,000",
    "1,2",
    "sha256",
    "x86_64",
    "l'homme",
    "İstanbul",
    "ǅ",
    "ﬁne",
    "ＡＢ",
    "東京都",
    "カタカナ",
    "ｶﾞ",
    "한국어",
    "ไทย",
    "ᄒᆞᆫ",
    "हिन्दी",
    "עברית",
    "\"",
    "'",
    "_",
    "@",
    " ",
    "  ",
    "\n",
    "\r\n",
    ".",
    ",",
    ":",
    "-",
    "\xCC\x81",
    "\xE2\x80\x8D",
    "\xC2\xAD",
    "\xFF",
    "\xE2\x82",
    "\xF0\x9F\x98\x80",
    "\xF0\x9F\x87\xA9",
    "²",
    "Ⓜ",
    "ß",
};

/// A text of up to `pieces` random pieces and characters.
inline std::string random_text(std::mt19937& rng, std::size_t pieces) {
  std::string text;
  for (std::size_t n = rng() % (pieces + 1); n > 0; --n) {
    const auto what = rng() % 8;
    if (what == 0) {
      const auto point = static_cast<std::uint32_t>(rng() % 2 == 0 ? rng() % 0x3000 : rng() % 0x110000);
      if (point < 0xD800 || point >= 0xE000) append_point(point, text);
    } else if (what == 1) {
      text.push_back(static_cast<char>(rng() % 256));
    } else {
      text.append(kTextPieces[rng() % std::size(kTextPieces)]);
    }
  }
  return text;
}

}  // namespace tamis::text
