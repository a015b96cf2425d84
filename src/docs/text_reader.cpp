#include <algorithm>
#include <array>

#include "document_builder.h"
#include "readers.h"
#include "source_text.h"
#include "text_structure.h"

namespace tamis::docs {
namespace {

class TextReader final : public Reader {
 public:
  std::string_view name() const noexcept override { return "text"; }
  std::span<const std::string_view> extensions() const noexcept override {
    static constexpr std::array<std::string_view, 7> kEndings = {"txt",  "text",     "log", "asc",
                                                                 "adoc", "asciidoc", "org"};
    return kEndings;
  }
  int recognises(std::string_view head) const noexcept override { return looks_binary(head, false) ? 0 : 5; }
  Status read(const std::filesystem::path&, ByteStream& stream, const ReadOptions& options,
              const DocumentSink& sink) const override {
    TAMIS_TRY(DecodedText source, read_text(stream, options));
    ExtractedDocument document;
    document.text = std::move(source.text);
    document.encoding = std::move(source.encoding);
    document.blocks = text_structure(document.text);
    document.origins = line_marks(document.text);
    const auto& blocks = document.blocks;
    if (!blocks.empty() && blocks.front().kind == BlockKind::kHeading && blocks.front().level == 1) {
      const auto heading = std::string_view(document.text).substr(blocks.front().begin, blocks.front().end);
      document.title = trim(heading.substr(0, heading.find('\n')));
    }
    return sink(std::move(document));
  }
};

}  // namespace

const Reader& text_reader() {
  static const TextReader kReader;
  return kReader;
}

}  // namespace tamis::docs
