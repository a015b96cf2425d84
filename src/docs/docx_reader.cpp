#include <array>
#include <string>

#include "docx_body.h"
#include "office_text.h"
#include "readers.h"
#include "source_text.h"
#include "xml_events.h"
#include "zip_archive.h"

namespace tamis::docs {
namespace {

// The container of .doc files, and of .docx files with a password.
constexpr std::string_view kOleMagic = "\xD0\xCF\x11\xE0";

/// Where the parts of the file stand: _rels/.rels says it.
class Relations final : public XmlHandler {
 public:
  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name != "Relationship") return;
    auto target = attributes.get("Target");
    if (target.starts_with('/')) target.remove_prefix(1);
    if (attributes.get("Type").ends_with("/officeDocument")) document = target;
    if (attributes.get("Type").ends_with("/core-properties")) properties = target;
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}

  std::string document = "word/document.xml";
  std::string properties = "docProps/core.xml";
};

/// The parts are read under one common budget: a bomb may be spread over several.
class Parts {
 public:
  Parts(const ZipArchive& archive, const ReadLimits& limits)
      : archive_(archive), nesting_(limits.nesting), left_(limits.file_bytes) {}
  [[nodiscard]] std::uint32_t nesting() const noexcept { return nesting_; }
  [[nodiscard]] Result<std::string> read(std::string_view name) {
    TAMIS_TRY(std::string content, archive_.read(name, left_));
    left_ -= content.size();
    return content;
  }
  Status parse(std::string_view name, XmlHandler& handler) {
    TAMIS_TRY(const std::string xml, read(name));
    if (auto status = parse_xml(xml, nesting_, handler); !status) return within(name, status.error());
    return ok();
  }
  [[nodiscard]] bool has(std::string_view name) const { return archive_.has(name); }

 private:
  const ZipArchive& archive_;
  std::uint32_t nesting_;
  std::uint64_t left_;
};

/// A part that only adds to the text: without it, or with a damaged one, the text is still there.
void add_properties(Parts& parts, std::string_view name, ExtractedDocument& document) {
  if (!parts.has(name)) return;
  ExtractedDocument properties;
  const auto xml = parts.read(name);
  if (!xml || !read_office_properties(*xml, parts.nesting(), properties)) return;
  document.title = std::move(properties.title);
  document.language = std::move(properties.language);
  document.metadata = std::move(properties.metadata);
}

Result<ExtractedDocument> read_docx(Parts& parts) {
  Relations relations;
  if (parts.has("_rels/.rels")) TAMIS_TRY_OK(parts.parse("_rels/.rels", relations));
  if (!parts.has(relations.document) || relations.document.find("word/") == std::string::npos) {
    return Error{Code::kUnsupported, "not a Word document: no word/document.xml in it"};
  }
  const std::string folder = relations.document.substr(0, relations.document.rfind('/') + 1);
  DocxStyles styles;
  if (parts.has(folder + "styles.xml")) {
    TAMIS_TRY(const std::string xml, parts.read(folder + "styles.xml"));
    if (auto parsed = DocxStyles::parse(xml, parts.nesting())) styles = std::move(*parsed);
  }
  OfficeText text;
  DocxBody body(styles, text);
  TAMIS_TRY_OK(parts.parse(relations.document, body));
  for (const char* notes : {"footnotes.xml", "endnotes.xml"}) {
    if (!parts.has(folder + notes)) continue;
    DocxBody notes_body(styles, text);
    TAMIS_TRY_OK(parts.parse(folder + notes, notes_body));
  }
  TAMIS_TRY(ExtractedDocument document, text.finish());
  add_properties(parts, relations.properties, document);
  if (document.title.empty()) document.title = body.title();
  return document;
}

Result<ExtractedDocument> read_odt(Parts& parts) {
  OfficeText text;
  OdtBody body(text);
  TAMIS_TRY_OK(parts.parse("content.xml", body));
  TAMIS_TRY(ExtractedDocument document, text.finish());
  add_properties(parts, "meta.xml", document);
  return document;
}

class DocxReader final : public Reader {
 public:
  std::string_view name() const noexcept override { return "docx"; }
  std::span<const std::string_view> extensions() const noexcept override {
    static constexpr std::array<std::string_view, 6> kEndings = {"docx", "docm", "dotx", "dotm", "odt", "ott"};
    return kEndings;
  }
  int recognises(std::string_view head) const noexcept override {
    const auto holds = [&](std::string_view name) { return head.find(name) != std::string_view::npos; };
    if (head.starts_with(kOleMagic)) return 1;
    if (!head.starts_with("PK\x03\x04")) return 0;
    if (holds("application/vnd.oasis.opendocument.text")) return 95;
    if (holds("word/")) return 90;
    return holds("[Content_Types].xml") || holds("_rels/") || holds("content.xml") ? 10 : 0;
  }
  Status read(const std::filesystem::path&, ByteStream& stream, const ReadOptions& options,
              const DocumentSink& sink) const override {
    TAMIS_TRY(std::string bytes, read_all(stream, options.limits.file_bytes));
    if (bytes.starts_with(kOleMagic)) {
      return Error{Code::kUnsupported, "an old or an encrypted Office file: save it as .docx without a password"};
    }
    TAMIS_TRY(const ZipArchive archive, ZipArchive::open(std::move(bytes)));
    Parts parts(archive, options.limits);
    const bool odt = !parts.has("[Content_Types].xml") && parts.has("content.xml");
    auto document = odt ? read_odt(parts) : read_docx(parts);
    if (!document) return std::move(document).error();
    document->encoding = "UTF-8";
    return sink(std::move(*document));
  }
};

}  // namespace

const Reader& docx_reader() {
  static const DocxReader kReader;
  return kReader;
}

}  // namespace tamis::docs
