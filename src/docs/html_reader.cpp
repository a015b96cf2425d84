#include <array>

#include "html_text.h"
#include "html_tokenizer.h"
#include "readers.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

// The encoding that <meta> or an XML declaration names in the first 4 KiB; "" if there is none.
std::string_view declared_charset(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, 4096);
  for (const std::string_view key : {"charset=", "encoding="}) {
    const std::size_t at = head.find(key);
    if (at == std::string_view::npos) continue;
    std::string_view name = head.substr(at + key.size());
    while (!name.empty() && (name.front() == '"' || name.front() == '\'' || name.front() == ' ')) name.remove_prefix(1);
    return name.substr(0, name.find_first_of("\"'; />\t\n"));
  }
  return {};
}

// Whether a doctype or the first element is there, behind at most comments and an XML declaration.
bool begins_as_html(std::string_view head) {
  for (;;) {
    head = trim(head);
    if (starts_with_nocase(head, "<!doctype html") || starts_with_nocase(head, "<html") ||
        starts_with_nocase(head, "<head>"))
      return true;
    const std::string_view end = head.starts_with("<!--") ? "-->" : head.starts_with("<?") ? "?>" : "";
    const std::size_t at = end.empty() ? std::string_view::npos : head.find(end);
    if (at == std::string_view::npos) return false;
    head.remove_prefix(at + end.size());
  }
}

class HtmlReader final : public Reader {
 public:
  std::string_view name() const noexcept override { return "html"; }
  std::span<const std::string_view> extensions() const noexcept override {
    static constexpr std::array<std::string_view, 4> kEndings = {"html", "htm", "xhtml", "shtml"};
    return kEndings;
  }
  int recognises(std::string_view head) const noexcept override {
    if (looks_binary(head, false)) return 0;
    return begins_as_html(head) ? 90 : 0;
  }
  Status read(const std::filesystem::path&, ByteStream& stream, const ReadOptions& options,
              const DocumentSink& sink) const override {
    TAMIS_TRY(std::string bytes, read_all(stream, options.limits.file_bytes));
    const std::string charset(declared_charset(bytes));
    TAMIS_TRY(const DecodedText source, decode_text(std::move(bytes), charset));
    TAMIS_TRY(ExtractedDocument document, extract_html(source.text, options.limits.nesting));
    document.encoding = source.encoding;
    return sink(std::move(document));
  }
};

}  // namespace

const Reader& html_reader() {
  static const HtmlReader kReader;
  return kReader;
}

}  // namespace tamis::docs
