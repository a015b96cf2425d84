#include "vector_output.h"

#include <fmt/format.h>
#include <tamis/base/file.h>
#include <tamis/sparse/vector_files.h>

#include <charconv>
#include <utility>

#include "json.h"

namespace tamis::cli {

VectorLines::VectorLines(const sparse::TextEncoder& encoder) {
  names_.reserve(encoder.vocabulary_size());
  for (TermId term = 0; term < encoder.vocabulary_size(); ++term) {
    const auto name = encoder.term(term);
    // Networks may have more rows than the tokenizer has tokens.
    names_.push_back(json_text(name.empty() ? fmt::format("[term {}]", term) : std::string(name)));
  }
}

void VectorLines::append(std::string_view id, const sparse::SparseVector& vector, std::string_view text,
                         std::span<const sparse::TermOrigin> origins, std::string& out) const {
  out += R"({"_id":)";
  out += json_text(id);
  out += R"(,"vector":{)";
  for (std::size_t i = 0; i < vector.size(); ++i) {
    if (i > 0) out += ',';
    out += names_[vector.terms[i]];
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, vector.weights[i]).ptr;
    out += ':';
    out.append(digits, end);
  }
  out += '}';
  if (!origins.empty()) out += R"(,"from":{)";
  for (std::size_t i = 0; i < origins.size(); ++i) {
    if (i > 0) out += ',';
    out += names_[vector.terms[i]];
    out += ':';
    out += json_text(text.substr(origins[i].begin, origins[i].end - origins[i].begin));
  }
  if (!origins.empty()) out += '}';
  out += "}\n";
}

void VectorTable::add(std::string_view id, sparse::SparseVector&& vector) {
  rows_.push_back(std::move(vector));
  ids_ += id;
  ids_ += '\n';
}

Status VectorTable::write(const std::string& path, std::uint64_t columns) const {
  TAMIS_TRY_OK(write_file_atomic(path + ".ids", ids_));
  return sparse::write_csr(path, columns, rows_);
}

}  // namespace tamis::cli
