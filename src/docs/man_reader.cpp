#include <array>

#include "man_parser.h"
#include "readers.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

class ManReader final : public Reader {
 public:
  std::string_view name() const noexcept override { return "man"; }
  // No "1" to "9": "access.log.1" is no manual page. Pages are known by their content.
  std::span<const std::string_view> extensions() const noexcept override {
    static constexpr std::array<std::string_view, 4> kEndings = {"man", "mdoc", "roff", "nroff"};
    return kEndings;
  }
  int recognises(std::string_view head) const noexcept override {
    if (looks_binary(head, false)) return 0;
    if (head.starts_with(".\\\"") || head.starts_with("'\\\"") || head.starts_with(".so ")) return 90;
    for (const std::string_view title : {".TH ", ".Dd ", ".Dt "}) {
      if (head.starts_with(title)) return 95;
      for (std::size_t at = head.find(title); at != std::string_view::npos; at = head.find(title, at + 1)) {
        if (head[at - 1] == '\n') return 85;
      }
    }
    return 0;
  }
  Status read(const std::filesystem::path&, ByteStream& stream, const ReadOptions& options,
              const DocumentSink& sink) const override {
    TAMIS_TRY(const DecodedText source, read_text(stream, options));
    TAMIS_TRY(ExtractedDocument document, ManParser(source.text).run());
    document.encoding = source.encoding;
    return sink(std::move(document));
  }
};

}  // namespace

const Reader& man_reader() {
  static const ManReader kReader;
  return kReader;
}

}  // namespace tamis::docs
