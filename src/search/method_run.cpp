#include "method_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "distinct.h"
#include "feedback.h"
#include "fusion.h"
#include "steps.h"

namespace tamis::search {
namespace {

/// What passages that a user marked do to a question. Source: Rocchio, 1971, with the shares that became customary.
const MethodPart& marked_feedback() {
  static const MethodPart kPart = {"rocchio", {{"terms", 50}, {"alpha", 1}, {"beta", 0.75}, {"gamma", 0.25}}};
  return kPart;
}

Score score_of(const FieldQuery& field, PassageId passage) {
  for (const auto& view : field.views) {
    if (const auto local = view.field->local(passage)) return field.query.score(view.field->score(*local, field.query));
  }
  return 0;
}

Status check_marked(const Collection& collection, std::span<const PassageId> marked) {
  for (const auto id : marked) {
    const auto segments = collection.segments();
    const bool known = std::any_of(segments.begin(), segments.end(),
                                   [&](const auto& one) { return one.field->local(id).has_value(); });
    if (!known) return Error{Code::kNotFound, fmt::format("marked passage {}: the index has none of that number", id)};
  }
  return ok();
}

std::vector<ScoredPassage> unscored(std::span<const PassageId> ids) {
  std::vector<ScoredPassage> out;
  for (const auto id : ids) out.push_back({id, 1});
  return out;
}

bool names_reranker(const SearchOptions& options, std::string_view name) {
  return std::any_of(options.rerankers.begin(), options.rerankers.end(),
                     [&](const NamedReranker& one) { return one.name == name; });
}

}  // namespace

std::vector<std::string> asked_fields(const Method& method, const SearchOptions& options) {
  std::vector<std::string> names;
  for (const auto& field : method.fields) names.push_back(field.name);
  for (const auto& step : method.steps) {
    if (!step.name.starts_with(kRerankPrefix)) continue;
    auto name = step.name.substr(kRerankPrefix.size());
    if (names_reranker(options, name)) continue;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

MethodRun::MethodRun(const MethodInputs& inputs, std::vector<FieldQuery> fields)
    : in_(inputs), method_(inputs.options.method), fields_(std::move(fields)), num_ranking_(method_.fields.size()) {
  for (std::size_t i = 0; i < num_ranking_; ++i) fields_[i].weight = method_.fields[i].weight;
}

Status MethodRun::run() {
  TAMIS_TRY_OK(use_marked());
  TAMIS_TRY_OK(prepare_fields());
  for (const auto& step : method_.steps) {
    auto status = run_step(step);
    if (!status) return within("method: " + step.name, std::move(status).error());
  }
  return ok();
}

Status MethodRun::use_marked() {
  const auto& [like, unlike] = std::pair(unscored(in_.options.like), unscored(in_.options.unlike));
  TAMIS_TRY_OK(check_marked(in_.collection, in_.options.like));
  TAMIS_TRY_OK(check_marked(in_.collection, in_.options.unlike));
  if (like.empty() && unlike.empty()) return ok();
  for (auto& field : fields_) {
    TAMIS_TRY(const bool now,
              expand_field(in_.collection, like, unlike, *feedback_of(marked_feedback()), marked_feedback(), field));
    changed_ = changed_ || now;
  }
  return ok();
}

Status MethodRun::prepare_fields() {
  for (std::size_t i = 0; i < num_ranking_; ++i) {
    auto& field = fields_[i];
    for (const auto& step : method_.fields[i].steps) {
      const Ranking alone{[&](std::size_t depth) { return in_.ranker.best(field, depth, {}, work_); }};
      if (step.name == kPruneStep) {
        changed_ = true;
        TAMIS_TRY_OK(prune_query(field, static_cast<std::size_t>(step.number("terms"))));
      } else {
        TAMIS_TRY_OK(give_feedback(step, std::span(&field, 1), alone));
      }
    }
  }
  return ok();
}

Status MethodRun::run_step(const MethodPart& step) {
  if (step.name.starts_with(kRerankPrefix)) return rerank_by(step);
  if (const auto* boost = boost_of(step)) return boost_by(*boost, step);
  if (step.name == kDistinctStep) return leave_out_similar(step);
  const auto ranking_fields = std::span(fields_).first(num_ranking_);
  if (step.name == kPruneStep) {
    for (auto& field : ranking_fields) {
      TAMIS_TRY_OK(prune_query(field, static_cast<std::size_t>(step.number("terms"))));
    }
    changed_ = true;
    ask_again();
    return ok();
  }
  if (step.name.starts_with(kOnlyPrefix)) {
    for (auto& field : ranking_fields) field.weight = field.name == step.name.substr(kOnlyPrefix.size()) ? 1 : 0;
    ask_again();
    return ok();
  }
  return give_feedback(step, ranking_fields, ranking());
}

Status MethodRun::give_feedback(const MethodPart& step, std::span<FieldQuery> fields, const Ranking& ranking) {
  const auto& model = *feedback_of(step);
  if (model.words_only &&
      std::none_of(fields.begin(), fields.end(), [](const auto& one) { return one.name == kWordField; })) {
    return Error{Code::kInvalidArgument,
                 fmt::format("{} is for the field of words, {}, which is not there (wanted rocchio for fields of "
                             "encoders)",
                             step.name, kWordField)};
  }
  const auto docs = static_cast<std::size_t>(step.number("docs"));
  if (docs == 0 || step.number("beta") == 0) return ok();
  TAMIS_TRY(const auto passages, first_of(ranking, docs));
  bool any = false;
  for (auto& field : fields) {
    TAMIS_TRY(const bool now, expand_field(in_.collection, passages, {}, model, step, field));
    any = any || now;
  }
  changed_ = changed_ || any;
  if (any) ask_again();
  return ok();
}

void MethodRun::ask_again() {
  sum_.reset();
  lists_.clear();
  lists_depth_ = 0;
  reranks_.clear();
  left_out_.clear();
  similar_.clear();
}

Result<std::vector<ScoredPassage>> MethodRun::first_of(const Ranking& ranking, std::size_t count) {
  Acceptance phrases(in_.collection, in_.phrases, false);
  return take_accepted(ranking, phrases, count);
}

std::vector<const FieldQuery*> MethodRun::voting() const {
  std::vector<const FieldQuery*> out;
  for (const auto& field : fields()) {
    if (field.weight > 0) out.push_back(&field);
  }
  return out;
}

bool MethodRun::fuses_lists() const { return voting().size() > 1 && fusion_of(method_.fusion).values != nullptr; }

double MethodRun::recall() const {
  if (changed_) return 1;  // no curve is of such questions
  return in_.options.recall < 0 ? in_.collection.recall() : in_.options.recall;
}

Status MethodRun::fetch_lists(std::size_t depth) {
  const auto wanted = std::max(depth, static_cast<std::size_t>(method_.fusion.number("depth")));
  if (!lists_.empty() && lists_depth_ >= wanted) return ok();
  lists_.clear();
  lists_depth_ = wanted;
  for (const auto* field : voting()) {
    SearchOptions alone;
    alone.method.fields = {{field->name}};
    alone.question_kind = in_.options.question_kind;
    if (recall() < 1) effort_ = in_.collection.effort_for(curve_name(alone), wanted, recall());
    TAMIS_TRY(auto list, in_.ranker.best(*field, wanted, effort_, work_));
    lists_.push_back({std::move(list), field->weight});
  }
  return ok();
}

Result<std::vector<ScoredPassage>> MethodRun::retrieve(std::size_t depth) {
  if (fuses_lists()) {
    TAMIS_TRY_OK(fetch_lists(depth));
    auto fused = fuse(lists_, method_.fusion);
    if (fused.size() > depth) fused.resize(depth);
    return fused;
  }
  const auto fields = voting();
  if (fields.size() > 1 && !sum_) {
    std::vector<FieldQuery> parts;
    for (const auto* field : fields) parts.push_back(*field);
    TAMIS_TRY(sum_, sum_of(in_.ranker, parts, work_));
  }
  const auto& asked = fields.size() > 1 ? *sum_ : *fields.front();
  if (recall() < 1) {
    SearchOptions as_measured = in_.options;
    if (fields.size() == 1) as_measured.method.fields = {{fields.front()->name}};
    effort_ = in_.collection.effort_for(curve_name(as_measured), in_.k, recall());
  } else {
    effort_ = {};
  }
  auto effort = effort_;
  if (effort.rerank > 0) effort.rerank *= static_cast<std::uint32_t>((depth + in_.k - 1) / in_.k);
  return in_.ranker.best(asked, depth, effort, work_);
}

Ranking MethodRun::ranking() {
  Ranking out;
  out.changes_with_depth = fuses_lists();
  if (reranks_.empty()) {
    out.best = [this](std::size_t depth) { return retrieve(depth); };
    return out;
  }
  out.best = [this](std::size_t depth) -> Result<std::vector<ScoredPassage>> {
    auto head = reranks_.back().head;
    if (depth <= head.size()) {
      head.resize(depth);
      return head;
    }
    TAMIS_TRY(const auto all, retrieve(depth + left_out_.size()));
    const auto& said = reranks_.back().said;
    const Score below = head.empty() ? 0 : head.back().score - 1;
    std::optional<Score> first;
    const auto in_head = [&](PassageId id) {
      return said.contains(id) || left_out_.contains(id) ||
             std::any_of(head.begin(), head.end(), [&](const auto& one) { return one.id == id; });
    };
    std::vector<ScoredPassage> tail;
    for (const auto& [id, score] : all) {
      if (in_head(id)) continue;
      if (!first) first = score;
      tail.push_back({id, below - (*first - score)});
    }
    head.insert(head.end(), tail.begin(), tail.end());
    if (head.size() > depth) head.resize(depth);
    return head;
  };
  return out;
}

Status MethodRun::rerank_by(const MethodPart& step) {
  const auto name = step.name.substr(kRerankPrefix.size());
  const auto& rerankers = in_.options.rerankers;
  const auto reranker =
      std::find_if(rerankers.begin(), rerankers.end(), [&](const NamedReranker& one) { return one.name == name; });
  const auto field =
      std::find_if(fields_.begin(), fields_.end(), [&](const FieldQuery& one) { return one.name == name; });
  const bool by_field = reranker == rerankers.end();
  if (by_field && field == fields_.end()) {
    return Error{Code::kInvalidArgument, fmt::format("nothing of the name {} scores passages", name)};
  }
  const ScoreCandidates score = [&](std::span<const ScoredPassage> some, std::span<float> out) -> Status {
    if (!by_field) return score_by_reranker(*reranker->reranker, some, out);
    for (std::size_t i = 0; i < some.size(); ++i) out[i] = score_of(*field, some[i].id);
    return ok();
  };
  return rerank_first(step, rerank_options(step, by_field), score);
}

Status MethodRun::boost_by(const Boost& boost, const MethodPart& step) {
  RerankOptions options;
  options.weight = step.number("weight");
  options.boost = true;
  return rerank_first(step, options, [&](std::span<const ScoredPassage> some, std::span<float> out) {
    return boost.share({in_.collection, in_.analyzer, in_.question}, step, some, out);
  });
}

Status MethodRun::rerank_first(const MethodPart& step, const RerankOptions& options, const ScoreCandidates& score) {
  TAMIS_TRY(const auto candidates, first_of(ranking(), static_cast<std::size_t>(step.number("n"))));
  TAMIS_TRY(auto reranked, rerank(candidates, options, score));
  work_.reranked += reranked.num_scored;
  Rerank done{step.name, std::move(reranked.passages), {}};
  for (const auto& [id, said] : reranked.scored) done.said[id] = said;
  reranks_.push_back(std::move(done));
  return ok();
}

Status MethodRun::leave_out_similar(const MethodPart& step) {
  groups_similar_ = true;
  TAMIS_TRY(const auto candidates, first_of(ranking(), static_cast<std::size_t>(step.number("n"))));
  std::vector<std::vector<std::uint64_t>> sets;
  for (const auto& one : candidates) {
    TAMIS_TRY(const auto text, in_.collection.passage_text(one.id));
    sets.push_back(shingles_of(in_.analyzer, text));
  }
  const auto stands = representatives(sets, step.number("t"));
  Rerank done{step.name, {}, {}};
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto id = candidates[i].id;
    if (stands[i] == i) {
      done.head.push_back(candidates[i]);
      continue;
    }
    left_out_.insert(id);
    // With those that the passage stood for itself, in a step before.
    similar_[candidates[stands[i]].id] += 1 + (similar_.contains(id) ? similar_.at(id) : 0);
  }
  reranks_.push_back(std::move(done));
  return ok();
}

std::vector<std::uint32_t> MethodRun::similar(std::span<const ScoredPassage> passages) const {
  std::vector<std::uint32_t> out;
  if (!groups_similar_) return out;
  for (const auto& one : passages) {
    const auto found = similar_.find(one.id);
    out.push_back(found == similar_.end() ? 0 : found->second);
  }
  return out;
}

Status MethodRun::score_by_reranker(Reranker& reranker, std::span<const ScoredPassage> candidates,
                                    std::span<float> out) const {
  std::vector<std::string> texts;
  for (const auto& one : candidates) {
    TAMIS_TRY(auto text, in_.collection.passage_text(one.id));
    texts.push_back(std::move(text));
  }
  std::vector<Reranker::Candidate> asked;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    asked.push_back({candidates[i].id, texts[i], candidates[i].score});
  return reranker.score(in_.question, asked, out);
}

Result<std::vector<double>> MethodRun::field_shares(PassageId passage) {
  std::vector<double> out;
  const auto votes = voting();
  std::vector<double> shares;
  if (fuses_lists()) {
    TAMIS_TRY_OK(fetch_lists(in_.k));
    shares = fused_shares(lists_, method_.fusion, passage);
  } else {
    for (const auto* field : votes) {
      double factor = 1;
      if (votes.size() > 1) {
        TAMIS_TRY(const auto largest, in_.ranker.largest_score(*field, work_));
        factor = largest > 0 ? field->weight / static_cast<double>(largest) : 0;
      }
      shares.push_back(factor * static_cast<double>(score_of(*field, passage)));
    }
  }
  std::size_t next = 0;
  for (const auto& field : fields()) out.push_back(field.weight > 0 ? shares[next++] : 0);
  return out;
}

std::vector<MethodRun::RerankShare> MethodRun::rerank_shares(PassageId passage) const {
  std::vector<RerankShare> out;
  for (const auto& one : reranks_) {
    const auto said = one.said.find(passage);
    if (said == one.said.end()) continue;
    const auto at = std::find_if(one.head.begin(), one.head.end(), [&](const auto& hit) { return hit.id == passage; });
    out.push_back({one.name, said->second, at->score});
  }
  return out;
}

}  // namespace tamis::search
