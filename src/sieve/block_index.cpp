#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "layout.h"
#include "search.h"

namespace tamis::sieve {
namespace {

/// Ids that are further apart than so many times the passages have no table of places.
constexpr PassageId kMostSparse = 16;

/// Calls `use(place, level)` for the postings of a list, ascending.
template <class Use>
void for_each_posting(const BlockIndex::Parts& parts, const List& list, Use&& use) {
  if (list.is_row == 0) {
    for (std::uint64_t i = list.first; i < list.first + list.count; ++i) {
      use(parts.flat_place(i), level_of(parts.flat_weight(i), list.step));
    }
    return;
  }
  for (std::uint32_t block = 0; block < parts.num_blocks(); ++block) {
    const auto run = parts.run_of(list, block);
    const auto bytes = static_cast<std::uint32_t>(run.size());
    const std::uint8_t* const data = run.data();
    const std::uint32_t length = parts.shape.length(bytes);
    const bool few = parts.shape.few(bytes);
    std::uint64_t mask = 0;
    if (!few) std::memcpy(&mask, data, 8);
    const std::uint8_t* const codes = data + (few ? length : 8);
    for (std::uint32_t i = 0; i < length; ++i, mask &= mask - 1) {
      const auto passage = few ? data[i] : static_cast<std::uint32_t>(std::countr_zero(mask));
      use(block * kBlock + passage, level_of(parts.shape.weight(codes, length, i), list.step));
    }
  }
}

}  // namespace

Status Effort::validate() const {
  const auto is_share = [](float share) { return share > 0 && share <= 1; };
  if (!is_share(bound_share)) {
    return Error{Code::kInvalidArgument, fmt::format("bound share {} (wanted above 0, at most 1)", bound_share)};
  }
  if (!is_share(block_share)) {
    return Error{Code::kInvalidArgument, fmt::format("block share {} (wanted above 0, at most 1)", block_share)};
  }
  if (!is_share(query_share)) {
    return Error{Code::kInvalidArgument, fmt::format("query share {} (wanted above 0, at most 1)", query_share)};
  }
  return ok();
}

void SearchWork::add(const SearchWork& more) noexcept {
  blocks += more.blocks;
  blocks_scored += more.blocks_scored;
  runs += more.runs;
  candidates += more.candidates;
  reranked += more.reranked;
  look_ups += more.look_ups;
  bound_sums += more.bound_sums;
  exhaustive += more.exhaustive;
}

SearchScratch::SearchScratch() : impl_(std::make_unique<Impl>()) {}
SearchScratch::SearchScratch(SearchScratch&&) noexcept = default;
SearchScratch& SearchScratch::operator=(SearchScratch&&) noexcept = default;
SearchScratch::~SearchScratch() = default;

void BlockIndex::Parts::number_terms() {
  constexpr TermId kMost = 1U << 22;
  numbers.clear();
  if (terms.size() == 0 || terms[terms.size() - 1] >= kMost) return;
  numbers.assign(std::size_t{terms[terms.size() - 1]} + 1, kNoList);
  for (std::size_t i = 0; i < terms.size(); ++i) numbers[terms[i]] = static_cast<std::uint32_t>(i);
}

std::uint32_t BlockIndex::Parts::number_of(TermId term) const noexcept {
  if (!numbers.empty()) return term < numbers.size() ? numbers[term] : kNoList;
  const auto* const end = terms.data() + terms.size();
  const auto* const found = std::lower_bound(terms.data(), end, term);
  return found != end && *found == term ? static_cast<std::uint32_t>(found - terms.data()) : kNoList;
}

const std::vector<std::uint32_t>& BlockIndex::Parts::place_of() const {
  std::call_once(places_once_, [&] {
    PassageId largest = 0;
    for (std::uint32_t place = 0; place < num_passages; ++place) largest = std::max(largest, ids[place]);
    if (largest / kMostSparse > num_passages) return;
    places_.assign(largest + 1, kNoPlace);
    for (std::uint32_t place = 0; place < num_passages; ++place) places_[ids[place]] = place;
  });
  return places_;
}

BlockIndex::BlockIndex(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
BlockIndex::BlockIndex(BlockIndex&&) noexcept = default;
BlockIndex& BlockIndex::operator=(BlockIndex&&) noexcept = default;
BlockIndex::~BlockIndex() = default;

std::uint64_t BlockIndex::num_passages() const noexcept { return parts_->num_passages; }
std::uint64_t BlockIndex::num_postings() const noexcept { return parts_->num_postings; }
std::uint64_t BlockIndex::num_blocks() const noexcept { return parts_->num_blocks(); }
const sparse::WeightScale& BlockIndex::scale() const noexcept { return parts_->scale; }

std::uint64_t BlockIndex::memory_bytes() const noexcept {
  const auto bytes = [](const auto& buffer) { return buffer.size() * sizeof(buffer[0]); };
  const auto& p = *parts_;
  return bytes(p.ids.near) + bytes(p.ids.far) + bytes(p.terms) + bytes(p.lists) + bytes(p.bounds) + bytes(p.lines) +
         bytes(p.data) + bytes(p.flat_passages) + bytes(p.flat_weights) + bytes(p.numbers);
}

std::span<const TermId> BlockIndex::terms() const noexcept { return {parts_->terms.data(), parts_->terms.size()}; }

void BlockIndex::postings(TermId term, std::vector<std::pair<PassageId, std::uint16_t>>& out) const {
  out.clear();
  const List* const list = parts_->find(term);
  if (list == nullptr) return;
  for_each_posting(*parts_, *list, [&](std::uint32_t place, std::uint32_t level) {
    out.emplace_back(parts_->ids[place], static_cast<std::uint16_t>(level));
  });
}

std::vector<index::Candidate> BlockIndex::search(const index::PreparedQuery& query, std::size_t k, const Effort& effort,
                                                 SearchScratch& scratch, SearchWork* work, const Wanted& wanted) const {
  SearchWork own;
  auto& counted = work != nullptr ? *work : own;
  std::vector<index::Candidate> out;
  if (Search(*parts_, query, k, effort, wanted, scratch.impl(), counted).run(out)) return out;
  ++counted.exhaustive;
  return exhaustive(query, k, wanted);
}

std::vector<index::Candidate> BlockIndex::exhaustive(const index::PreparedQuery& query, std::size_t k,
                                                     const Wanted& wanted) const {
  const auto& parts = *parts_;
  std::vector<index::Units> units(parts.num_passages);
  for (const auto& [term, weight] : query.terms) {
    const List* const list = parts.find(term);
    if (list == nullptr) continue;
    for_each_posting(parts, *list, [&, weight = weight](std::uint32_t place, std::uint32_t level) {
      units[place] += weight * level;
    });
  }
  const auto is_allowed = [&](PassageId id) {
    return wanted.allowed == nullptr ||
           (id < wanted.allowed->size() && wanted.allowed->test(static_cast<std::uint32_t>(id)));
  };
  index::TopK top(k);
  top.seed(wanted.least);
  for (std::uint32_t place = 0; place < parts.num_passages; ++place) {
    if (units[place] > 0 && is_allowed(parts.ids[place])) top.push(parts.ids[place], units[place]);
  }
  return top.take_sorted();
}

}  // namespace tamis::sieve
