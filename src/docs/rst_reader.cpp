#include <array>

#include "readers.h"
#include "rst_markers.h"
#include "rst_parser.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

class RstReader final : public Reader {
 public:
  std::string_view name() const noexcept override { return "rst"; }
  // Sphinx publishes its sources as "page.rst.txt".
  std::span<const std::string_view> extensions() const noexcept override {
    static constexpr std::array<std::string_view, 4> kEndings = {"rst", "rest", "rst.txt", "rest.txt"};
    return kEndings;
  }
  // Underlined titles are common in plain text too, so a directive or a target must be there.
  int recognises(std::string_view head) const noexcept override {
    if (looks_binary(head, false)) return 0;
    for (std::size_t at = head.starts_with(".. ") ? 0 : head.find("\n.. "); at != std::string_view::npos;
         at = head.find("\n.. ", at + 1)) {
      std::string_view rest = head.substr(head[at] == '\n' ? at + 4 : at + 3);
      rest = rest.substr(0, rest.find('\n'));
      const bool target = rest.starts_with('_') && rest.find(':') != std::string_view::npos;
      if (target || rst_directive_name(rest) > 0) return 45;
    }
    return 0;
  }
  Status read(const std::filesystem::path&, ByteStream& stream, const ReadOptions& options,
              const DocumentSink& sink) const override {
    TAMIS_TRY(const DecodedText source, read_text(stream, options));
    TAMIS_TRY(ExtractedDocument document, RstParser(source.text).run());
    document.encoding = source.encoding;
    return sink(std::move(document));
  }
};

}  // namespace

const Reader& rst_reader() {
  static const RstReader kReader;
  return kReader;
}

}  // namespace tamis::docs
