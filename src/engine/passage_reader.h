#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/result.h>
#include <tamis/store/catalogue.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "open_segments.h"

namespace tamis::engine {

/// The live passages of a segment as encoders see them, in the order of their ids.
class PassageReader {
 public:
  /// Borrows both.
  PassageReader(const store::Catalogue& catalogue, const OpenSegment& segment)
      : catalogue_(catalogue), segment_(segment), cursor_(*segment.texts) {}
  /// Reads the list of documents: once, first.
  [[nodiscard]] Status open();

  struct Passage {
    PassageId id = 0;
    std::string text;
  };
  /// Appends the passages with ids in `ids`, which is a run of the segment's; the deleted ones are left out.
  [[nodiscard]] Status read(std::span<const PassageId> ids, std::vector<Passage>& out);

 private:
  struct Document {
    DocumentId id = 0;
    PassageId first = 0;
    std::uint64_t num_passages = 0, text_offset = 0, text_bytes = 0;
    std::string title;
  };
  [[nodiscard]] Status load_passages(const Document& document);

  const store::Catalogue& catalogue_;
  const OpenSegment& segment_;
  TextCursor cursor_;
  std::vector<Document> documents_;          // by first passage
  std::size_t next_ = 0;                     // documents before it end before what was read last
  std::vector<store::PassageRow> passages_;  // of the document read last: a long one is asked for many times
};

}  // namespace tamis::engine
