#include <fmt/format.h>
#include <tamis/text/unicode.h>

#include <algorithm>
#include <array>
#include <set>

#include "csv_rows.h"
#include "encoding.h"
#include "readers.h"
#include "record.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

constexpr std::size_t kMaxHeaderBytes = 64;

struct Column {
  std::string name;
  FieldUse use;
};

/// Names are short, different from each other, and neither numbers nor dates.
bool looks_like_names(const std::vector<std::string>& cells) {
  std::set<std::string_view> seen;
  return std::ranges::all_of(cells, [&](const std::string& cell) {
    const auto name = trim(cell);
    const bool text = std::holds_alternative<std::string>(typed_value(name));
    return !name.empty() && name.size() <= kMaxHeaderBytes && name.find('\n') == std::string_view::npos && text &&
           seen.insert(name).second;
  });
}

bool is_column_number(const std::string& name, std::size_t columns) {
  return !name.empty() && name.size() <= 5 && std::ranges::all_of(name, is_digit) && std::stoul(name) >= 1 &&
         std::stoul(name) <= columns;
}

class CsvReading {
 public:
  CsvReading(ByteStream& stream, const ReadOptions& options, const DocumentSink& sink)
      : roles_(options.fields), sink_(sink), rows_(stream, options.limits) {}

  Status run(char delimiter) {
    if (delimiter == 0) {
      TAMIS_TRY(const auto head, rows_.head());
      delimiter = sniff_csv(head).delimiter;
    }
    while (true) {
      std::string_view row;
      TAMIS_TRY(const bool more, rows_.next(delimiter, row));
      if (!more) return ok();
      TAMIS_TRY(const auto encoding, split(row, delimiter));
      if (columns_.empty()) {
        TAMIS_TRY(const bool header, take_columns());
        if (header) continue;
      }
      TAMIS_TRY_OK(sink_(record_document(take_record(), encoding)));
    }
  }

 private:
  /// Fills cells_; the encoding that the row was in.
  Result<std::string> split(std::string_view row, char delimiter) {
    std::string encoding(rows_.encoding());
    DecodedText decoded;
    if (!text::is_valid_utf8(row)) {
      TAMIS_TRY(decoded, decode_text(std::string(row)));
      row = decoded.text;
      encoding = decoded.encoding;
    }
    if (auto status = split_row(row, delimiter, cells_); !status) return at_line(rows_.line(), status.error());
    for (auto& cell : cells_) cell = clean_value(cell);
    return encoding;
  }

  /// Decides what the columns are by the first row; whether that row is a header.
  Result<bool> take_columns() {
    const auto named = roles_.named();
    const auto is_cell = [&](const std::string& name) { return std::ranges::find(cells_, name) != cells_.end(); };
    const bool by_number =
        !named.empty() && std::ranges::none_of(named, is_cell) &&
        std::ranges::all_of(named, [&](auto& name) { return is_column_number(name, cells_.size()); });
    if (!by_number) {
      for (const auto& name : named) {
        if (is_cell(name)) continue;
        return Error{Code::kInvalidArgument,
                     fmt::format("no column '{}' (columns: {})", name, fmt::join(cells_, ", "))};
      }
    }
    const bool usual = std::ranges::any_of(
        cells_, [&](const std::string& cell) { return roles_.use_of(trim(cell)).role != FieldRole::kOther; });
    const bool header = (!by_number && (!named.empty() || usual)) || looks_like_names(cells_);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const std::string number = std::to_string(i + 1);
      Column column{header ? std::string(trim(cells_[i])) : "", {}};
      if (by_number) {
        column.use = roles_.use_of(number, false);
      } else if (header) {
        column.use = roles_.use_of(named.empty() ? column.name : cells_[i]);
      } else if (cells_.size() == 2) {
        column.use = {i == 0 ? FieldRole::kId : FieldRole::kText, 0};  // "id<tab>text", as collections are often kept
      }
      columns_.push_back(std::move(column));
    }
    has_header_ = header;
    return header;
  }

  Record take_record() {
    Record record;
    record.line = rows_.line();
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const bool known = i < columns_.size();
      std::string name = known ? columns_[i].name : "";
      if (name.empty() && has_header_) name = fmt::format("column {}", i + 1);
      record.add(name, known ? columns_[i].use : FieldUse{}, std::move(cells_[i]));
    }
    return record;
  }

  FieldRoles roles_;
  const DocumentSink& sink_;
  RowInput rows_;
  std::vector<std::string> cells_;
  std::vector<Column> columns_;
  bool has_header_ = false;
};

/// The delimiter that the name promises; 0 = to be found out.
char delimiter_of(std::filesystem::path path) {
  const auto ending = [&] {
    std::string text = path.extension().string();
    std::ranges::transform(text, text.begin(), lower);
    return text;
  };
  if (ending() == ".gz" || ending() == ".zst" || ending() == ".zstd") path = path.stem();
  return ending() == ".tsv" || ending() == ".tab" ? '\t' : '\0';
}

class CsvReader final : public Reader {
 public:
  std::string_view name() const noexcept override { return "csv"; }
  std::span<const std::string_view> extensions() const noexcept override {
    static constexpr std::array<std::string_view, 3> kEndings = {"csv", "tsv", "tab"};
    return kEndings;
  }
  int recognises(std::string_view head) const noexcept override {
    const auto shape = sniff_csv(head);
    return shape.columns >= 3 && shape.lines >= 3 ? 30 : 0;
  }
  Status read(const std::filesystem::path& path, ByteStream& stream, const ReadOptions& options,
              const DocumentSink& sink) const override {
    return CsvReading(stream, options, sink).run(delimiter_of(path));
  }
};

}  // namespace

const Reader& csv_reader() {
  static const CsvReader kReader;
  return kReader;
}

}  // namespace tamis::docs
