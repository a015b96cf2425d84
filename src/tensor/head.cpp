#include <tamis/base/check.h>
#include <tamis/tensor/head.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "packed.h"

namespace tamis::tensor {
namespace {

/// Entries a panel: 128 KiB of bf16 weights at 128 hidden, so that a panel stays in L2 beside the tokens.
constexpr std::size_t kPanel = 512;
static_assert(kPanel % kEntryAlign == 0);

float saturate(Saturation saturation, float x) {
  if (saturation == Saturation::kNone) return x;
  const float once = std::log1p(x);
  return saturation == Saturation::kLog1p ? once : std::log1p(once);
}

/// One batch on its way through the head.
struct Work {
  const HeadKernel& kernel;
  const PackedWeights& weights;
  const HeadOptions& options;
  PreparedRows rows;

  [[nodiscard]] std::size_t passages() const { return rows.passages(); }
  [[nodiscard]] std::size_t panels() const { return (weights.out + kPanel - 1) / kPanel; }
  [[nodiscard]] std::size_t panel_entries(std::size_t panel) const {
    return std::min(kPanel, weights.out - panel * kPanel);
  }

  /// The terms of all passages; weights are logits yet, or sums of what becomes of them.
  void run(float* products, std::span<PassageTerms> out, Scratch& scratch) const;
  /// Appends to each passage the terms of a panel whose logits are above 0.
  void run(std::size_t panel, float* products, std::span<PassageTerms> out, Scratch& scratch) const {
    options.pooling == Pooling::kMax ? collect(panel, products, out, scratch) : sum(panel, products, out, scratch);
  }
  void collect(std::size_t panel, float* maxima, std::span<PassageTerms> out, Scratch& scratch) const;
  void sum(std::size_t panel, float* products, std::span<PassageTerms> out, Scratch& scratch) const;
  /// Appends to each passage the terms of a panel that may be above 0, without weights; returns how many.
  std::size_t add_candidates(std::size_t panel, std::span<PassageTerms> out) const;
  /// Gives candidates their logits; those not above 0 go.
  void weigh(std::size_t passage, PassageTerms& terms, Scratch& scratch) const;
  /// Room that run() needs for products.
  [[nodiscard]] std::size_t products() const {
    std::size_t longest = passages();
    for (std::size_t p = 0; p < passages() && options.pooling == Pooling::kSum; ++p) {
      longest = std::max(longest, rows.rows_of(p));
    }
    return kPanel * longest;
  }
  void finish(std::size_t passage, float* products, PassageTerms& terms, Scratch& scratch) const;
  void find_positions(std::size_t passage, float* products, PassageTerms& terms, Scratch& scratch) const;
};

std::size_t Work::add_candidates(std::size_t panel, std::span<PassageTerms> out) const {
  constexpr std::size_t kBeyond = 16;
  const std::size_t entries = round_up(panel_entries(panel), kEntryAlign);
  std::vector<std::uint32_t*> ends(passages());
  std::size_t before = 0;
  for (std::size_t p = 0; p < passages(); ++p) {
    auto& terms = out[p].terms;
    before += terms.size();
    terms.resize(terms.size() + entries + kBeyond);
    ends[p] = terms.data() + terms.size() - entries - kBeyond;
  }
  kernel.candidates(weights, rows, panel * kPanel, entries, ends.data());
  std::size_t after = 0;
  for (std::size_t p = 0; p < passages(); ++p) {
    auto& terms = out[p].terms;
    terms.resize(static_cast<std::size_t>(ends[p] - terms.data()));
    while (!terms.empty() && terms.back() >= weights.out) terms.pop_back();
    after += terms.size();
  }
  return after - before;
}

void Work::weigh(std::size_t passage, PassageTerms& terms, Scratch& scratch) const {
  terms.weights.resize(terms.terms.size());
  kernel.maxima_of(weights, rows, passage, terms.terms, terms.weights.data(), scratch);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < terms.terms.size(); ++i) {
    const float logit = terms.weights[i] + weights.bias.data()[terms.terms[i]];
    if (!(logit > 0)) continue;
    terms.terms[kept] = terms.terms[i];
    terms.weights[kept++] = logit;
  }
  terms.terms.resize(kept);
  terms.weights.resize(kept);
}

void Work::run(float* products, std::span<PassageTerms> out, Scratch& scratch) const {
  // Candidates pay where they are few. Either way gives the same bits, so it may be found out on the way.
  constexpr std::size_t kFew = 8;
  std::size_t panel = 0;
  if (kernel.candidates != nullptr && options.pooling == Pooling::kMax) {
    std::size_t found = 0;
    for (; panel < panels() && found * kFew <= passages() * panel * kPanel + kPanel; ++panel) {
      found += add_candidates(panel, out);
    }
    for (std::size_t p = 0; p < passages(); ++p) weigh(p, out[p], scratch);
  }
  for (; panel < panels(); ++panel) run(panel, products, out, scratch);
}

void Work::collect(std::size_t panel, float* maxima, std::span<PassageTerms> out, Scratch& scratch) const {
  const std::size_t first = panel * kPanel;
  const std::size_t entries = panel_entries(panel);
  const std::size_t stride = round_up(entries, kEntryAlign);
  kernel.maxima(weights, rows, first, stride, maxima, scratch);
  std::array<std::uint32_t, kPanel + 16> terms;
  std::array<float, kPanel + 16> logits;
  for (std::size_t p = 0; p < passages(); ++p) {
    const std::size_t found = weights.ops->collect(maxima + p * stride, weights.bias.data() + first, entries,
                                                   static_cast<std::uint32_t>(first), terms.data(), logits.data());
    out[p].terms.insert(out[p].terms.end(), terms.data(), terms.data() + found);
    out[p].weights.insert(out[p].weights.end(), logits.data(), logits.data() + found);
  }
}

void Work::sum(std::size_t panel, float* products, std::span<PassageTerms> out, Scratch& scratch) const {
  const std::size_t first = panel * kPanel;
  const std::size_t entries = panel_entries(panel);
  const std::size_t stride = round_up(entries, kEntryAlign);
  for (std::size_t p = 0; p < passages(); ++p) {
    kernel.products(weights, rows, p, first, stride, products, scratch);
    for (std::size_t j = 0; j < entries; ++j) {
      float sum = 0;
      for (std::size_t i = 0; i < rows.rows_of(p); ++i) {
        const float logit = products[i * stride + j] + weights.bias[first + j];
        if (logit > 0) sum += saturate(options.saturation, logit);
      }
      if (!(sum > 0)) continue;
      out[p].terms.push_back(static_cast<std::uint32_t>(first + j));
      out[p].weights.push_back(sum);
    }
  }
}

/// Keeps the n heaviest, of equal weights those of lower term, in ascending order of term.
void keep_heaviest(std::size_t n, PassageTerms& terms) {
  if (n == 0 || terms.terms.size() <= n) return;
  std::vector<std::uint32_t> order(terms.terms.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto heavier = [&](std::uint32_t a, std::uint32_t b) {
    return terms.weights[a] != terms.weights[b] ? terms.weights[a] > terms.weights[b] : a < b;
  };
  std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n), order.end(), heavier);
  std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n));
  for (std::size_t i = 0; i < n; ++i) {
    terms.terms[i] = terms.terms[order[i]];
    terms.weights[i] = terms.weights[order[i]];
  }
  terms.terms.resize(n);
  terms.weights.resize(n);
}

void Work::finish(std::size_t passage, float* products, PassageTerms& terms, Scratch& scratch) const {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < terms.terms.size(); ++i) {
    const float weight =
        options.pooling == Pooling::kMax ? saturate(options.saturation, terms.weights[i]) : terms.weights[i];
    if (!(weight > options.threshold) || !std::isfinite(weight)) continue;
    terms.terms[kept] = terms.terms[i];
    terms.weights[kept++] = weight;
  }
  terms.terms.resize(kept);
  terms.weights.resize(kept);
  keep_heaviest(options.top_n, terms);
  if (options.positions) find_positions(passage, products, terms, scratch);
}

/// The kernel computes the products of the kept terms again, row by row: the same sums, so the maximum is met exactly.
void Work::find_positions(std::size_t passage, float* products, PassageTerms& terms, Scratch& scratch) const {
  std::size_t computed = static_cast<std::size_t>(-1);
  for (const auto term : terms.terms) {
    const std::size_t group = term / kEntryAlign * kEntryAlign;
    if (group != computed) kernel.products(weights, rows, passage, group, kEntryAlign, products, scratch);
    computed = group;
    std::size_t best = 0;
    float largest = -std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < rows.rows_of(passage); ++i) {
      const float product = products[i * kEntryAlign + term % kEntryAlign];
      if (!(product > largest)) continue;
      largest = product;
      best = i;
    }
    terms.positions.push_back(static_cast<std::uint32_t>(best));
  }
}

void clear(PassageTerms& terms) {
  terms.terms.clear();
  terms.weights.clear();
  terms.positions.clear();
}

void check_shapes(ConstMatrixView hidden, std::span<const std::uint32_t> offsets, std::size_t in,
                  std::span<PassageTerms> out) {
  TAMIS_CHECK(hidden.cols == in || hidden.rows == 0, "head: hidden size differs");
  TAMIS_CHECK(offsets.size() == out.size() + 1 && offsets.front() == 0 && offsets.back() == hidden.rows &&
                  std::is_sorted(offsets.begin(), offsets.end()),
              "head: offsets do not ascend from 0 to the number of rows");
}

}  // namespace

PackedHead::PackedHead(const HeadKernel* kernel, std::unique_ptr<PackedWeights> weights)
    : kernel_(kernel), weights_(std::move(weights)) {}
PackedHead::PackedHead(PackedHead&&) noexcept = default;
PackedHead& PackedHead::operator=(PackedHead&&) noexcept = default;
PackedHead::~PackedHead() = default;

Result<PackedHead> PackedHead::pack(ConstMatrixView embeddings, std::span<const float> bias, Precision precision,
                                    Isa level) {
  TAMIS_TRY_OK(check_weights("vocabulary head", embeddings, bias));
  auto packed = std::make_unique<PackedWeights>();
  begin_packing(embeddings, bias, level, *packed);
  const auto& kernel = head_kernel(precision, level);
  kernel.pack(embeddings, *packed);
  return PackedHead(&kernel, std::move(packed));
}

void PackedHead::terms(ConstMatrixView hidden, std::span<const std::uint32_t> offsets, const HeadOptions& options,
                       std::span<PassageTerms> out, Scratch& scratch) const {
  check_shapes(hidden, offsets, weights_->in, out);
  std::for_each(out.begin(), out.end(), clear);
  if (hidden.rows == 0) return;
  const Work work{*kernel_, *weights_, options, kernel_->prepare(*weights_, hidden, offsets, scratch)};
  std::size_t room = work.products();
  for (std::size_t p = 0; p < out.size() && options.positions; ++p) {
    room = std::max<std::size_t>(room, kEntryAlign * (offsets[p + 1] - offsets[p]));
  }
  auto* const products = scratch.take<float>(Scratch::kProducts, room);
  work.run(products, out, scratch);
  for (std::size_t p = 0; p < out.size(); ++p) work.finish(p, products, out[p], scratch);
}

Status PackedHead::terms(ConstMatrixView hidden, std::span<const std::uint32_t> offsets, const HeadOptions& options,
                         std::span<PassageTerms> out, Scratch& scratch, ThreadPool& pool) const {
  check_shapes(hidden, offsets, weights_->in, out);
  std::for_each(out.begin(), out.end(), clear);
  if (hidden.rows == 0) return ok();
  const Work work{*kernel_, *weights_, options, kernel_->prepare(*weights_, hidden, offsets, scratch)};
  std::vector<Scratch> workers(pool.size());
  std::vector<std::vector<PassageTerms>> parts(work.panels());
  TAMIS_TRY_OK(pool.parallel_for(parts.size(), [&](std::size_t panel, std::size_t worker) {
    parts[panel].resize(out.size());
    auto& own = workers[worker];
    work.run(panel, own.take<float>(Scratch::kProducts, work.products()), parts[panel], own);
    return ok();
  }));
  return pool.parallel_for(out.size(), [&](std::size_t p, std::size_t worker) {
    for (const auto& part : parts) {
      out[p].terms.insert(out[p].terms.end(), part[p].terms.begin(), part[p].terms.end());
      out[p].weights.insert(out[p].weights.end(), part[p].weights.begin(), part[p].weights.end());
    }
    const std::size_t room = options.positions ? kEntryAlign * (offsets[p + 1] - offsets[p]) : 0;
    auto& own = workers[worker];
    work.finish(p, own.take<float>(Scratch::kProducts, room), out[p], own);
    return ok();
  });
}

std::size_t PackedHead::hidden() const noexcept { return weights_->in; }
std::size_t PackedHead::vocabulary() const noexcept { return weights_->out; }
std::size_t PackedHead::bytes() const noexcept { return weights_->bytes(); }
std::string_view PackedHead::kernel() const noexcept { return kernel_->name; }

}  // namespace tamis::tensor
