#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/reader.h>
#include <tamis/eval/per_query.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tamis::eval {

// Readers of the files that evaluations are made of (docs/eval.md). Files compressed by gzip or zstd are unpacked. All
// are read line by line; memory grows with what is kept, about 40 bytes a line beside the different ids. Errors are
// kCorrupt and say "FILE: line N: what"; lines beyond 64 KiB (a topic's or question's: 16 MiB) and more than 2^32 - 2
// lines are kExhausted. Line ends are \n or \r\n; a byte order mark and empty lines are skipped.

/// Judgements: TREC and MS MARCO (query, anything, document, grade; by blanks or tabs), or BEIR (query, document,
/// grade; by tabs, a first line "query-id…" is skipped). The first line decides, the others must be alike. Grades are
/// whole numbers of at most 10^9; a document is judged once a query.
[[nodiscard]] Result<Qrels> read_qrels(const std::filesystem::path& path, Ids& ids);
[[nodiscard]] Result<Qrels> read_qrels(docs::ByteStream& stream, Ids& ids);

/// A run in TREC's six columns: query, anything, document, rank, score, name of the run. Scores are finite; ranks are
/// whole numbers, not negative, and otherwise not used: the order is that of scores (see TieRule).
[[nodiscard]] Result<Run> read_run(const std::filesystem::path& path, Ids& ids);
[[nodiscard]] Result<Run> read_run(docs::ByteStream& stream, Ids& ids);

/// A question of a test collection.
struct Topic {
  std::string id;
  std::string title;        ///< the question itself; JSON lines, TSV: all there is
  std::string description;  ///< TREC: one sentence
  std::string narrative;    ///< TREC: what is relevant
  std::string filter;       ///< JSON lines: what may answer it, in the syntax of whoever searches; "" = everything
  std::uint32_t line = 0;   ///< JSON lines, TSV: where it stands, from 1
};
/// Questions: JSON lines {"_id" or "id" or "qid", "text" or "query" or "title"} and, if wanted, "filter"; lines "id TAB
/// text"; or TREC topics
/// (<top> with <num>, <title>, <desc>, <narr>; also <topic number="…"> with <query> or <title>, <description>,
/// <narrative>).
/// @par Errors  also an id that is there twice
[[nodiscard]] Result<std::vector<Topic>> read_topics(const std::filesystem::path& path);
[[nodiscard]] Result<std::vector<Topic>> read_topics(docs::ByteStream& stream);

}  // namespace tamis::eval
