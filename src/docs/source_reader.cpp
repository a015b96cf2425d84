#include <algorithm>

#include "code_definitions.h"
#include "code_language.h"
#include "code_lines.h"
#include "document_builder.h"
#include "readers.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

constexpr std::uint32_t kMaxDepth = 5;  // of definitions in definitions

/// Source code as text: comments become paragraphs, a definition a heading (its name), its comment and its code. All
/// else is code between blank lines.
class CodeReader {
 public:
  CodeReader(std::string_view text, const CodeLanguage& language)
      : lines_(text),
        language_(language),
        kinds_(code_lines(lines_, language)),
        definitions_(lines_, kinds_, language) {}

  Result<ExtractedDocument> run() {
    const std::size_t first = !kinds_.empty() && lines_[0].starts_with("#!") ? 1 : 0;
    part(first, lines_.size(), 1);
    return builder_.take();
  }

 private:
  [[nodiscard]] bool blank(std::size_t line) const { return kinds_[line].kind == CodeLineKind::kBlank; }
  [[nodiscard]] bool comment(std::size_t line) const { return kinds_[line].kind == CodeLineKind::kComment; }

  /// Definitions among the lines [first, last), and what stands between them.
  void part(std::size_t first, std::size_t last, std::uint32_t level) {
    std::size_t pending = first;
    std::uint32_t depth = 0;
    std::size_t column = std::string_view::npos;  // where the definitions of this part stand
    for (std::size_t i = first; i < last; ++i) {
      if (kinds_[i].kind != CodeLineKind::kCode || kinds_[i].inside) continue;
      if (column == std::string_view::npos) {
        column = indent_of(lines_[i]).columns;
        depth = level == 1 ? 0 : kinds_[i].depth;
      }
      const bool here =
          language_.shape == CodeShape::kBraces ? kinds_[i].depth == depth : indent_of(lines_[i]).columns <= column;
      if (!here) continue;
      const CodeDefinition found = definitions_.at(i, last);
      if (found.end == 0) continue;
      const std::size_t begin = with_comment(i, pending);
      plain(pending, begin);
      definition(begin, i, found, level);
      pending = found.end;
      i = found.end - 1;
    }
    plain(pending, last);
  }

  /// The first line of the comment and the attributes that stand on a definition.
  [[nodiscard]] std::size_t with_comment(std::size_t line, std::size_t first) const {
    while (line > first && !blank(line - 1)) {
      const std::string_view text = trim(lines_[line - 1]);
      const bool attribute = text.starts_with('@') || text.starts_with("#[") || text.starts_with("[[") ||
                             text.starts_with("template") || (text.starts_with('[') && text.ends_with(']'));
      const bool type = language_.shape == CodeShape::kBraces && is_letter(lines_[line - 1].front()) &&
                        text.find_first_of("{};:()#=,") == std::string_view::npos;  // "static int" above "main()"
      if (!comment(line - 1) && !attribute && !type) break;
      --line;
    }
    return line;
  }

  void definition(std::size_t begin, std::size_t line, const CodeDefinition& found, std::uint32_t level) {
    builder_.begin(BlockKind::kHeading, std::min<std::uint32_t>(level, 6), static_cast<std::uint32_t>(line + 1));
    builder_.append(found.name);
    builder_.end();
    const bool inner = found.container && level < kMaxDepth && found.body < found.end;
    std::size_t code_begin = begin;
    while (code_begin < line && comment(code_begin)) ++code_begin;
    comments(begin, code_begin);
    if (!inner) return code(code_begin, found.end);
    code(code_begin, found.body);
    part(found.body, found.end, level + 1);
  }

  /// Lines without definitions: paragraphs of comments, code between blank lines.
  void plain(std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last;) {
      std::size_t end = i + 1;
      if (blank(i)) {
        i = end;
        continue;
      }
      while (end < last && !blank(end) && comment(end) == comment(i)) ++end;
      comment(i) ? comments(i, end) : code(i, end);
      i = end;
    }
  }

  void code(std::size_t first, std::size_t last) {
    if (first >= last) return;
    builder_.begin(BlockKind::kCode, 0, static_cast<std::uint32_t>(first + 1));
    for (std::size_t i = first; i < last; ++i) {
      builder_.append(lines_[i]);
      builder_.append("\n");
    }
    builder_.end();
  }

  void comments(std::size_t first, std::size_t last) {
    bool open = false;
    for (std::size_t i = first; i < last; ++i) {
      const std::string_view words = comment_text(lines_[i]);
      if (words.empty() || ruler(words, 3) != 0) {
        builder_.end();
        open = false;
        continue;
      }
      if (!open) builder_.begin(BlockKind::kParagraph, 0, static_cast<std::uint32_t>(i + 1));
      if (open) builder_.append("\n");
      open = true;
      builder_.append(words);
    }
    builder_.end();
  }

  /// Without the signs of the comment.
  [[nodiscard]] std::string_view comment_text(std::string_view line) const {
    line = trim(line);
    const std::string_view open = language_.open_comment, close = language_.close_comment;
    if (!close.empty() && line.ends_with(close)) line = trim(line.substr(0, line.size() - close.size()));
    if (!open.empty() && line.starts_with(open)) {
      line.remove_prefix(open.size());
    } else if (const std::string_view sign = leading_sign(language_.line_comments, line); !sign.empty()) {
      while (line.starts_with(sign)) line.remove_prefix(sign.size());
      if (line.starts_with('/') || line.starts_with(sign.back())) line.remove_prefix(1);
    }
    const std::size_t text = line.find_first_not_of("*!<|");
    if (text == std::string_view::npos) return {};
    if (text > 0 && (text == line.size() || is_blank_char(line[text]))) line.remove_prefix(text);
    return trim(line);
  }

  LineTable lines_;
  const CodeLanguage& language_;
  std::vector<CodeLine> kinds_;
  CodeDefinitions definitions_;
  DocumentBuilder builder_;
};

class SourceReader final : public Reader {
 public:
  std::string_view name() const noexcept override { return "source"; }
  std::span<const std::string_view> extensions() const noexcept override { return code_endings(); }
  int recognises(std::string_view head) const noexcept override {
    if (looks_binary(head, false)) return 0;
    return known_interpreter(head.substr(0, head.find('\n'))) ? 70 : 0;
  }
  Status read(const std::filesystem::path& path, ByteStream& stream, const ReadOptions& options,
              const DocumentSink& sink) const override {
    TAMIS_TRY(const DecodedText source, read_text(stream, options));
    const std::string_view text = source.text;
    const CodeLanguage& language = code_language(path.filename().string(), text.substr(0, text.find('\n')));
    TAMIS_TRY(ExtractedDocument document, CodeReader(text, language).run());
    document.encoding = source.encoding;
    return sink(std::move(document));
  }
};

}  // namespace

const Reader& source_reader() {
  static const SourceReader kReader;
  return kReader;
}

}  // namespace tamis::docs
