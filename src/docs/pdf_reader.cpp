#include <fmt/format.h>
#include <tamis/text/unicode.h>

#include <array>

#include "external_program.h"
#include "pdf_text.h"
#include "readers.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

/// The first line that the program complained with.
std::string first_complaint(const ProgramOutput& output) {
  const auto line = trim(output.errors).substr(0, trim(output.errors).find('\n'));
  std::string clean = text::repair_utf8(trim(line).substr(0, 300));
  return clean.empty() ? fmt::format("exit code {}", output.exit_code) : clean;
}

Result<ProgramOutput> run_pdftotext(std::string_view pdf, const ReadLimits& limits) {
  // Without -layout: text in reading order, columns one after the other. The file goes in on standard input, so that it
  // is read as decompressed here and never by a name.
  const std::array<std::string, 5> arguments = {"-enc", "UTF-8", "-htmlmeta", "-", "-"};
  ProgramLimits program_limits;
  program_limits.seconds = limits.external_seconds;
  program_limits.output_bytes = limits.file_bytes;
  auto output = run_program("pdftotext", arguments, pdf, program_limits);
  if (!output && output.error().code == Code::kNotFound) {
    return Error{Code::kUnsupported, "pdftotext is not installed (apt-get install poppler-utils)"};
  }
  if (!output) return output;
  if (output->exit_code >= 128) {
    return Error{Code::kCorrupt, fmt::format("pdftotext was ended by signal {}", output->exit_code - 128)};
  }
  if (output->exit_code != 0) {
    const bool locked = output->errors.find("assword") != std::string::npos;
    return Error{locked ? Code::kUnsupported : Code::kCorrupt, "pdftotext: " + first_complaint(*output)};
  }
  return output;
}

class PdfReader final : public Reader {
 public:
  std::string_view name() const noexcept override { return "pdf"; }
  std::span<const std::string_view> extensions() const noexcept override {
    static constexpr std::array<std::string_view, 1> kEndings = {"pdf"};
    return kEndings;
  }
  int recognises(std::string_view head) const noexcept override {
    return head.substr(0, 1024).find("%PDF-") == std::string_view::npos ? 0 : 95;
  }
  Status read(const std::filesystem::path&, ByteStream& stream, const ReadOptions& options,
              const DocumentSink& sink) const override {
    TAMIS_TRY(const std::string pdf, read_all(stream, options.limits.file_bytes));
    if (recognises(pdf) == 0) return Error{Code::kCorrupt, "not a PDF file: no %PDF- in the first 1024 bytes"};
    TAMIS_TRY(const ProgramOutput output, run_pdftotext(pdf, options.limits));
    TAMIS_TRY(ExtractedDocument document, pdf_document(output.text));
    if (document.text.empty()) return Error{Code::kUnsupported, "no text in it: scanned pages need OCR first"};
    return sink(std::move(document));
  }
};

}  // namespace

const Reader& pdf_reader() {
  static const PdfReader kReader;
  return kReader;
}

}  // namespace tamis::docs
