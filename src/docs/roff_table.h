#pragma once

#include <cstdint>
#include <string_view>

#include "document_builder.h"
#include "roff_text.h"

namespace tamis::docs {

/// Reads what stands between .TS and .TE in a manual page, the language of tbl(1): one table block, a row a line, cells
/// parted by " | ".
class RoffTable {
 public:
  RoffTable(RoffText& roff, DocumentBuilder& builder) : roff_(roff), builder_(builder) {}
  /// A line between .TS and .TE; `number` is its line in the file.
  void line(std::string_view text, std::uint32_t number);
  /// At ".T&": formats follow.
  void format() { part_ = Part::kFormat; }

 private:
  void cells(std::string_view text);

  RoffText& roff_;
  DocumentBuilder& builder_;
  enum class Part { kOptions, kFormat, kRows } part_ = Part::kOptions;
  char tab_ = '\t';
  bool in_cell_ = false;  // between T{ and T}
};

}  // namespace tamis::docs
