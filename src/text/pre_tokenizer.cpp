#include "pre_tokenizer.h"

#include <algorithm>

namespace tamis::text {

namespace {

/// A match joins the part before it, unless that is a match too.
void merge_with_previous(std::span<const Match> matches, std::vector<Piece>& out) {
  bool previous = false;
  bool first = true;
  for (const Match& match : matches) {
    if (match.matched && !previous && !first) {
      out.back().end = match.end;
    } else {
      out.push_back({match.begin, match.end, Piece::kNoToken});
    }
    first = false;
    previous = match.matched;
  }
}

/// A match joins the part behind it, unless that is a match too.
void merge_with_next(std::span<const Match> matches, std::vector<Piece>& out) {
  for (std::size_t i = 0; i < matches.size(); ++i) {
    const bool joins = matches[i].matched && i + 1 < matches.size() && !matches[i + 1].matched;
    out.push_back({matches[i].begin, joins ? matches[i + 1].end : matches[i].end, Piece::kNoToken});
    if (joins) ++i;
  }
}

void merge_runs(std::span<const Match> matches, std::vector<Piece>& out) {
  bool previous = false;
  bool first = true;
  for (const Match& match : matches) {
    if (match.matched == previous && !first) {
      out.back().end = match.end;
    } else {
      out.push_back({match.begin, match.end, Piece::kNoToken});
    }
    first = false;
    previous = match.matched;
  }
}

[[nodiscard]] Result<std::unique_ptr<PreTokenizer>> make_pre_tokenizer(const PreTokenizerSpec& spec, bool keep_bytes) {
  using Kind = PreTokenizerSpec::Kind;
  switch (spec.kind) {
    case Kind::kBert:
      return make_bert_pre_tokenizer();
    case Kind::kWhitespace:
      return make_whitespace();
    case Kind::kWhitespaceSplit:
      return make_whitespace_split();
    case Kind::kByteLevel:
      return make_byte_level(spec, keep_bytes);
    case Kind::kMetaspace:
      return make_metaspace(spec);
    case Kind::kPunctuation:
      return make_punctuation(spec.delimiter);
    case Kind::kDigits:
      return make_digits(spec.individual);
    case Kind::kSplit:
      return make_split(spec);
  }
  return Error{Code::kUnsupported, "pre_tokenizer: a kind that is not known"};
}

}  // namespace

void append_split(std::span<const Match> matches, Delimiter delimiter, std::vector<Piece>& out) {
  const std::size_t first = out.size();
  switch (delimiter) {
    case Delimiter::kRemoved:
      for (const Match& match : matches) {
        if (!match.matched) out.push_back({match.begin, match.end, Piece::kNoToken});
      }
      break;
    case Delimiter::kIsolated:
      for (const Match& match : matches) out.push_back({match.begin, match.end, Piece::kNoToken});
      break;
    case Delimiter::kMergedWithPrevious:
      merge_with_previous(matches, out);
      break;
    case Delimiter::kMergedWithNext:
      merge_with_next(matches, out);
      break;
    case Delimiter::kContiguous:
      merge_runs(matches, out);
      break;
  }
  const auto empty = [](const Piece& piece) { return piece.begin == piece.end; };
  out.erase(std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), empty), out.end());
}

Result<PreTokenizerList> make_pre_tokenizers(std::span<const PreTokenizerSpec> specs, bool keep_bytes) {
  PreTokenizerList list;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    TAMIS_TRY(auto rule, make_pre_tokenizer(specs[i], keep_bytes && i + 1 == specs.size()));
    list.push_back(std::move(rule));
  }
  return list;
}

}  // namespace tamis::text
