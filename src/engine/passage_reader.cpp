#include "passage_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "encoder_text.h"

namespace tamis::engine {

Status PassageReader::open() {
  return catalogue_.for_each_document(segment_.row.id, [&](const store::DocumentRow& row) {
    if (row.num_passages == 0) return ok();
    documents_.push_back({row.id, row.first_passage, row.num_passages, row.text_offset, row.text_bytes, row.title});
    return ok();
  });
}

Status PassageReader::load_passages(const Document& document) {
  if (!passages_.empty() && passages_.front().id == document.first) return ok();
  TAMIS_TRY(passages_, catalogue_.passages(document.id));
  if (!passages_.empty() && passages_.front().id == document.first) return ok();
  return Error{Code::kCorrupt, fmt::format("document {}: its passages are not where its row says", document.id)};
}

Status PassageReader::read(std::span<const PassageId> ids, std::vector<Passage>& out) {
  if (ids.empty()) return ok();
  const auto is_before = [&](const Document& document) {
    return document.first + document.num_passages <= ids.front();
  };
  while (next_ < documents_.size() && is_before(documents_[next_])) ++next_;
  for (auto at = next_; at < documents_.size() && documents_[at].first <= ids.back(); ++at) {
    const auto& document = documents_[at];
    TAMIS_TRY_OK(load_passages(document));
    TAMIS_TRY(const auto text, cursor_.read(document.text_offset, document.text_bytes));
    const auto by_id = [](const store::PassageRow& row, PassageId id) { return row.id < id; };
    auto row = std::lower_bound(passages_.begin(), passages_.end(), ids.front(), by_id);
    for (; row != passages_.end() && row->id <= ids.back(); ++row) {
      if (row->begin > row->end || row->end > text.size()) {
        return Error{Code::kCorrupt, fmt::format("passage {}: bytes {} to {} of a text of {}", row->id, row->begin,
                                                 row->end, text.size())};
      }
      out.push_back(
          {row->id, encoder_text(document.title, row->heading, text.substr(row->begin, row->end - row->begin))});
    }
  }
  return ok();
}

}  // namespace tamis::engine
