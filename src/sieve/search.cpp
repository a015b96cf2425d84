#include "search.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tamis::sieve {
namespace {

/// All estimates are below this, so that sums fit 16 bits.
constexpr double kMostEstimate = 65000;
/// Where at most one passage of so many is wanted, the wanted ones of each block are laid out before the search.
constexpr std::uint64_t kFewWanted = 8;
/// At most one of so many: each is looked up.
constexpr std::uint64_t kVeryFewWanted = 2000;
/// The best of some passages are spread over more blocks than the best of all: a share of the blocks grows so much.
constexpr double kMostSpread = 2;
/// Blocks of which few passages are wanted set a low threshold, so more of them are read first: up to so many times.
constexpr std::size_t kMostSeedFactor = 10;
/// One block of so many, those of the largest bounds, is scored before the others: by then the threshold is nearly what
/// it will be. Not where that would be fewer than kLeastFirst.
constexpr std::size_t kFirstShare = 10;
constexpr std::size_t kLeastFirst = 16;
/// Lists of a question that the share of blocks is meant for.
constexpr double kUsualLists = 24;
/// Rows are added five at a time between looks at which blocks are left.
constexpr std::size_t kRowsAtOnce = 5;

void prefetch(const void* address) { __builtin_prefetch(address); }

/// An object, not a function: selection calls it inline.
constexpr auto better = [](const Estimate& a, const Estimate& b) { return a.value > b.value; };

}  // namespace

bool Search::prepare_lists() {
  auto& lists = scratch_.lists;
  for (const auto& [term, weight] : query_.terms) {
    const List* list = parts_.find(term);
    if (list == nullptr) continue;
    lists.push_back({list, weight, 0, std::uint64_t{weight} * list->step * 255});
  }
  if (lists.empty()) return false;
  std::sort(lists.begin(), lists.end(), [](const QueryList& a, const QueryList& b) {
    return a.heaviest != b.heaviest ? a.heaviest > b.heaviest : a.list < b.list;
  });
  double all = 0;
  for (const auto& list : lists) all += static_cast<double>(list.heaviest);
  double used = 0;
  while (num_used_ < lists.size() && (num_used_ == 0 || used < all * static_cast<double>(effort_.query_share))) {
    used += static_cast<double>(lists[num_used_++].heaviest);
  }
  const auto middle = std::stable_partition(lists.begin(), lists.begin() + static_cast<std::ptrdiff_t>(num_used_),
                                            [](const QueryList& list) { return list.list->is_row != 0; });
  num_rows_ = static_cast<std::size_t>(middle - lists.begin());
  const double per_unit = 255 * kMostEstimate / used;
  grid_ = per_unit / 256;
  double rests = 0;
  for (std::size_t i = 0; i < num_used_; ++i) {
    auto& list = lists[i];
    list.weight = static_cast<std::uint16_t>(static_cast<double>(list.units) * list.list->step * per_unit);
    rests += static_cast<double>(list.units) * largest_rest(list.list->step);
  }
  margin_ = static_cast<std::uint32_t>(std::ceil(2 * rests * grid_)) + 2 * static_cast<std::uint32_t>(num_used_) + 1;
  keep_ = std::max<std::size_t>(k_, effort_.rerank);
  return true;
}

void Search::choose_places() {
  if (wanted_.allowed == nullptr) return;
  const auto& allowed = *wanted_.allowed;
  const auto count = std::max<std::uint64_t>(allowed.count(), 1);
  spread_ = std::clamp(static_cast<double>(parts_.num_passages) / (2 * static_cast<double>(count)), 1.0, kMostSpread);
  if (count * kFewWanted > parts_.num_passages) return;
  very_few_ = count * kVeryFewWanted <= parts_.num_passages;
  seed_factor_ = std::clamp<std::size_t>(parts_.num_passages / (2 * count + 1), 1, kMostSeedFactor);
  const auto& place_of = parts_.place_of();
  if (place_of.empty()) return;
  scratch_.places.assign(parts_.num_blocks(), 0);
  for (std::size_t w = 0; w < allowed.words().size(); ++w) {
    for (auto word = allowed.words()[w]; word != 0; word &= word - 1) {
      const std::size_t id = w * 64 + static_cast<std::size_t>(std::countr_zero(word));
      if (id >= place_of.size() || place_of[id] == BlockIndex::Parts::kNoPlace) continue;
      scratch_.places[place_of[id] / kBlock] |= 1ULL << (place_of[id] % kBlock);
    }
  }
  places_ = scratch_.places.data();
}

void Search::start_threshold() {
  // Estimates of some terms say nothing of what all terms must reach.
  if (wanted_.least == 0 || num_used_ < scratch_.lists.size()) return;
  const double least = std::floor(static_cast<double>(wanted_.least) * grid_) - margin_;
  has_least_ = least >= 1;
  if (has_least_) least_ = static_cast<std::uint32_t>(std::min(least, 65535.0));
}

std::uint64_t Search::wanted_of(std::uint64_t mask, std::uint32_t block) const {
  if (wanted_.allowed == nullptr) return mask;
  if (places_ != nullptr) return mask & places_[block];
  std::uint64_t wanted = 0;
  for (; mask != 0; mask &= mask - 1) {
    const PassageId id = parts_.ids[block * kBlock + static_cast<std::uint32_t>(std::countr_zero(mask))];
    if (id < wanted_.allowed->size() && wanted_.allowed->test(static_cast<std::uint32_t>(id))) wanted |= mask & -mask;
  }
  return wanted;
}

void Search::sum_all_bounds() {
  for (std::size_t i = 0; i < num_rows_; ++i) {
    scratch_.rows.push_back(parts_.bound_row(*scratch_.lists[i].list));
    scratch_.row_weights.push_back(scratch_.lists[i].weight);
  }
  std::uint16_t* const bounds = scratch_.bounds.data();
  sum_bounds(scratch_.rows.data(), scratch_.row_weights.data(), num_rows_, parts_.row_blocks(), bounds);
  for (std::size_t i = num_rows_; i < num_used_; ++i) chain_flat_list(scratch_.lists[i]);
  for (std::uint32_t block = 0; places_ != nullptr && block < parts_.num_blocks(); ++block) {
    if (places_[block] == 0) bounds[block] = 0;
  }
  work_.bound_sums += num_rows_ * parts_.row_blocks();
}

void Search::chain_flat_list(const QueryList& list) {
  const std::uint64_t last = list.list->first + list.list->count;
  for (std::uint64_t at = list.list->first; at < last;) {
    FlatRun run;
    run.first = at;
    run.block = parts_.flat_place(at) / kBlock;
    run.weight = list.weight;
    std::uint32_t largest = 0;
    for (; at < last && parts_.flat_place(at) / kBlock == run.block; ++at) {
      largest = std::max<std::uint32_t>(largest, parts_.flat_code(at));
    }
    run.count = static_cast<std::uint16_t>(at - run.first);
    run.most = static_cast<std::uint16_t>(share_of(largest, list.weight));
    run.next = scratch_.flat_heads[run.block];
    scratch_.flat_heads[run.block] = static_cast<std::uint32_t>(scratch_.flat_runs.size());
    scratch_.bounds[run.block] = static_cast<std::uint16_t>(scratch_.bounds[run.block] + run.most);
    scratch_.flat_runs.push_back(run);
  }
}

std::uint32_t Search::least_bound() const {
  if (effort_.exact() || kth_ == 0) return least_;
  const double least = std::ceil(static_cast<double>(kth_) / static_cast<double>(effort_.bound_share));
  return static_cast<std::uint32_t>(std::min(least, 65535.0));
}

void Search::raise() {
  auto& found = scratch_.found;
  if (found.size() < k_) return;
  std::nth_element(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(k_) - 1, found.end(), better);
  kth_ = found[k_ - 1].value;
  if (effort_.rerank == 0) {
    least_ = std::max(least_, kth_ > margin_ ? kth_ - margin_ : 1);
  } else if (found.size() > keep_) {
    std::nth_element(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(keep_) - 1, found.end(), better);
    least_ = std::max<std::uint32_t>(least_, found[keep_ - 1].value);
  }
  found.erase(std::remove_if(found.begin(), found.end(), [&](const Estimate& one) { return one.value < least_; }),
              found.end());
  raised_at_ = found.size();
}

void Search::add_flat_runs(std::span<const std::uint32_t> blocks, std::uint16_t* left) {
  for (std::size_t slot = 0; slot < blocks.size(); ++slot) {
    std::uint16_t* const estimates = scratch_.estimates.data() + slot * kBlock;
    for (std::uint32_t number = scratch_.flat_heads[blocks[slot]]; number != SearchScratch::Impl::kNoRun;) {
      const FlatRun& run = scratch_.flat_runs[number];
      left[slot] = static_cast<std::uint16_t>(left[slot] - run.most);
      for (std::uint64_t at = run.first; at < run.first + run.count; ++at) {
        std::uint16_t& estimate = estimates[lane_of(parts_.flat_place(at) % kBlock)];
        estimate = static_cast<std::uint16_t>(estimate + share_of(parts_.flat_code(at), run.weight));
      }
      number = run.next;
    }
  }
}

void Search::gather_runs(const QueryList& list, std::span<const std::uint32_t> blocks, std::vector<Run>& runs) {
  const std::uint8_t* const bounds = parts_.bound_row(*list.list);
  const RunLine* const lines = parts_.line_row(*list.list);
  const std::uint8_t* const data = parts_.data.data() + list.list->data;
  runs.resize(num_active_);
  std::size_t count = 0;
  for (std::size_t i = 0; i < num_active_; ++i) {
    const std::uint32_t block = blocks[active_[i]];
    const auto bytes = run_at(lines, data, block);
    Run& run = runs[count];
    run.data = bytes.data();
    run.bytes = static_cast<std::uint16_t>(bytes.size());
    run.slot = active_[i];
    run.most = static_cast<std::uint16_t>(share_of(bounds[block], list.weight));
    prefetch(run.data);
    count += run.bytes != 0 ? 1 : 0;
  }
  runs.resize(count);
  work_.runs += count;
}

void Search::add_gathered(const QueryList& list, const std::vector<Run>& runs, std::uint16_t* left) {
  add_runs(runs.data(), runs.size(), parts_.shape.width, list.weight, scratch_.estimates.data());
  for (const auto& run : runs) left[run.slot] = static_cast<std::uint16_t>(left[run.slot] - run.most);
}

void Search::drop_hopeless(std::span<const std::uint32_t> blocks, const std::uint16_t* left) {
  const std::uint32_t least = effort_.exact() ? least_ : std::max(kth_, 1U);
  const double share = static_cast<double>(effort_.bound_share);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < num_active_; ++i) {
    const std::uint8_t slot = active_[i];
    const auto can_add = static_cast<std::uint32_t>(share * left[slot]);
    if (can_add < least) {
      const auto reaching = passages_reaching(scratch_.estimates.data() + std::size_t{slot} * kBlock,
                                              static_cast<std::uint16_t>(least - can_add));
      if (wanted_of(reaching, blocks[slot]) == 0) continue;
    }
    active_[kept++] = slot;
  }
  num_active_ = kept;
}

void Search::take_found(std::span<const std::uint32_t> blocks) {
  auto& found = scratch_.found;
  for (std::size_t i = 0; i < num_active_; ++i) {
    const std::uint16_t* const estimates = scratch_.estimates.data() + std::size_t{active_[i]} * kBlock;
    std::uint64_t mask = passages_reaching(estimates, static_cast<std::uint16_t>(std::min(least_, 65535U)));
    mask = wanted_of(mask, blocks[active_[i]]);
    work_.candidates += static_cast<std::uint64_t>(std::popcount(mask));
    for (; mask != 0; mask &= mask - 1) {
      const auto passage = static_cast<std::uint32_t>(std::countr_zero(mask));
      found.push_back({estimates[lane_of(passage)], blocks[active_[i]] * kBlock + passage});
    }
    if (found.size() >= 4 * keep_ + 64) raise();
  }
  if (found.size() > raised_at_ + keep_ / 4 || kth_ == 0) raise();
}

void Search::score_batch(std::span<const std::uint32_t> blocks) {
  std::uint16_t left[kBatch];
  num_active_ = blocks.size();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    active_[i] = static_cast<std::uint8_t>(i);
    left[i] = scratch_.bounds[blocks[i]];
    scratch_.bounds[blocks[i]] = 0;  // never again
  }
  std::fill_n(scratch_.estimates.data(), blocks.size() * kBlock, std::uint16_t{0});
  work_.blocks_scored += blocks.size();
  add_flat_runs(blocks, left);
  // The runs of a list are looked for while those of the list before are on their way from memory.
  auto& lists = scratch_.lists;
  for (std::size_t i = 0; i < num_rows_; ++i) {
    if (i + 1 < num_rows_) {
      const RunLine* const next = parts_.line_row(*lists[i + 1].list);
      for (std::size_t a = 0; a < num_active_; ++a) prefetch(next + blocks[active_[a]] / kLineBlocks);
    }
    gather_runs(lists[i], blocks, scratch_.runs[i % 2]);
    if (i == 0) continue;
    add_gathered(lists[i - 1], scratch_.runs[(i - 1) % 2], left);
    if (i % kRowsAtOnce == 0) drop_hopeless(blocks, left);
  }
  if (num_rows_ > 0) add_gathered(lists[num_rows_ - 1], scratch_.runs[(num_rows_ - 1) % 2], left);
  take_found(blocks);
}

std::uint32_t Search::bound_of_most(std::size_t wanted, std::uint32_t least) const {
  std::uint32_t low = least;
  std::uint32_t high = 65535;
  while (low + 1 < high) {
    const std::uint32_t middle = (low + high) / 2;
    const std::size_t count =
        count_reaching(scratch_.bounds.data(), parts_.row_blocks(), static_cast<std::uint16_t>(middle));
    if (count >= wanted) low = middle;
    if (count < wanted) high = middle;
    if (count >= wanted && count <= wanted + wanted / 4) break;
  }
  return low;
}

void Search::score_seeds() {
  // Some blocks of the largest bounds: what they have sets the threshold for all others.
  const std::size_t wanted = std::max<std::size_t>(12, k_ / 8) * seed_factor_;
  const std::uint16_t* const bounds = scratch_.bounds.data();
  const std::uint32_t low = bound_of_most(wanted, 1);
  const std::size_t count =
      find_reaching(bounds, parts_.row_blocks(), static_cast<std::uint16_t>(low), scratch_.blocks.data());
  const auto seeds = std::span(scratch_.blocks).first(std::min(count, 2 * wanted));
  for (std::size_t at = 0; at < seeds.size(); at += kBatch) {
    score_batch(seeds.subspan(at, std::min<std::size_t>(kBatch, seeds.size() - at)));
  }
}

void Search::score_rest() {
  std::size_t most = parts_.num_blocks();
  if (effort_.block_share < 1) {
    // Longer questions have more to read in a block, and looser bounds: the share is of work.
    const double lists = static_cast<double>(std::max<std::size_t>(num_rows_, 1));
    const double share = static_cast<double>(effort_.block_share) * spread_ * kUsualLists / lists;
    most = std::max<std::size_t>(1, static_cast<std::size_t>(share * static_cast<double>(most)));
  }
  const std::size_t first = parts_.num_blocks() / kFirstShare;
  if (first >= kLeastFirst && 2 * first <= most) {
    const std::size_t read = score_best(first);
    if (effort_.block_share < 1) most -= std::min(read, most - 1);
  }
  score_best(most);
  raise();
}

std::size_t Search::score_best(std::size_t most) {
  raise();
  const std::uint16_t* const bounds = scratch_.bounds.data();
  std::uint32_t least = least_bound();
  if (most < parts_.num_blocks()) least = bound_of_most(most, least);
  const std::size_t count =
      find_reaching(bounds, parts_.row_blocks(), static_cast<std::uint16_t>(least), scratch_.blocks.data());
  std::uint32_t batch[kBatch];
  std::size_t size = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t block = scratch_.blocks[i];
    if (bounds[block] >= least) batch[size++] = block;
    if (size < kBatch && (i + 1 < count || size == 0)) continue;
    score_batch({batch, size});
    size = 0;
    least = std::max(least, least_bound());
  }
  return count;
}

bool Search::run(std::vector<index::Candidate>& out) {
  work_.blocks += parts_.num_blocks();
  if (k_ == 0 || parts_.num_passages == 0) return true;
  scratch_.prepare(parts_);
  if (!prepare_lists()) return true;
  choose_places();
  if (places_ != nullptr && very_few_) {
    score_wanted(out);
    return true;
  }
  start_threshold();
  sum_all_bounds();
  score_seeds();
  score_rest();
  if (!has_least_ && (scratch_.found.size() < k_ || (effort_.rerank == 0 && kth_ <= margin_))) return false;
  rerank(out);
  out.erase(std::remove_if(out.begin(), out.end(), [&](const auto& one) { return one.units < wanted_.least; }),
            out.end());
  return true;
}

}  // namespace tamis::sieve
