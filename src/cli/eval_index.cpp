#include "eval_index.h"

#include <fmt/format.h>
#include <tamis/base/file.h>
#include <tamis/base/thread_pool.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <unordered_map>
#include <utility>

#include "display.h"
#include "eval_runs_folder.h"
#include "question_encoders.h"
#include "questions.h"
#include "terminal.h"

namespace tamis::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// Questions whose hits are held at a time.
constexpr std::size_t kBlock = 64;

/// A question that has judgements.
struct Asked {
  std::uint32_t query = 0;  ///< number in Ids::queries
  search::ParsedQuery parsed;
};

/// What one method found for one question.
struct Answer {
  std::vector<search::ScoredPassage> passages;
  std::vector<DocumentId> documents;  ///< [passages] whose they are; not for MaxP, where each stands for a document
  double milliseconds = 0;
  std::string problem;  ///< why there is no answer
};

/// Judgements without those of questions that nobody can ask.
Result<eval::Qrels> judgements_of(const eval::Qrels& qrels, const std::vector<bool>& is_asked, const eval::Ids& ids) {
  std::vector<eval::QueryLine<eval::Judgement>> lines;
  for (std::size_t place = 0; place < qrels.size(); ++place) {
    if (!is_asked[place]) continue;
    for (const auto& judgement : qrels.items(place)) lines.push_back({qrels.query(place), 0, judgement});
  }
  return eval::Qrels::gather(std::move(lines), ids);
}

/// What one thread asks with: every method.
class Asker {
 public:
  Asker(std::shared_ptr<const Snapshot> snapshot, const EvalIndexOptions& options)
      : snapshot_(std::move(snapshot)), options_(options) {}
  [[nodiscard]] const Snapshot& snapshot() const { return *snapshot_; }
  void add(const QuestionEncoders& encoders) {
    workers_.push_back(encoders.make_workers());
    search::SearchOptions made;
    made.method = encoders.method();
    workers_.back().give_to(made);
    made.question_kind = options_.query_encoder;
    made.recall = options_.recall;
    made.title_weight = options_.title_weight;
    methods_.push_back(std::move(made));
  }
  Status ask(const search::ParsedQuery& query, std::vector<Answer>& answers) {
    answers.assign(methods_.size(), {});
    for (std::size_t m = 0; m < methods_.size(); ++m) {
      const auto status = ask(query, methods_[m], answers[m]);
      if (!status && status.error().code != Code::kInvalidArgument) return status;
      if (!status) answers[m].problem = status.error().message;
    }
    return ok();
  }

 private:
  Status ask(const search::ParsedQuery& query, search::SearchOptions& how, Answer& answer) {
    const bool best_passage = options_.passages.rule == eval::PassageRule::kMax;
    how.group_documents = best_passage;
    how.k = options_.depth;
    const auto begin = Clock::now();
    TAMIS_TRY(auto result, searcher_.search(snapshot_->collection(), query, how));
    auto end = Clock::now();
    auto started = begin;
    if (options_.timed_hits > 0) {
      how.k = options_.timed_hits;
      how.group_documents = false;
      started = Clock::now();
      TAMIS_TRY_OK(searcher_.search(snapshot_->collection(), query, how));
      end = Clock::now();
    }
    answer.milliseconds = std::chrono::duration<double, std::milli>(end - started).count();
    answer.passages = std::move(result.passages);
    if (best_passage) return ok();
    for (const auto& passage : answer.passages) {
      TAMIS_TRY(const DocumentId document, snapshot_->collection().document_of(passage.id));
      answer.documents.push_back(document);
    }
    return ok();
  }

  std::shared_ptr<const Snapshot> snapshot_;
  const EvalIndexOptions& options_;
  std::vector<QuestionEncoders::Workers> workers_;
  std::vector<search::SearchOptions> methods_;
  search::Searcher searcher_;
};

class IndexEvaluation {
 public:
  IndexEvaluation(const EvalIndexOptions& options, EvalResults& results)
      : options_(options), results_(results), pool_(options.threads) {}

  Status open(const Engine& engine) {
    while (askers_.size() < pool_.size()) {
      TAMIS_TRY(auto state, engine.snapshot());
      askers_.push_back(std::make_unique<Asker>(std::move(state), options_));
      // All on the same state of the index, though it may be written meanwhile.
      if (askers_.back()->snapshot().generation() != snapshot().generation())
        askers_.erase(askers_.begin(), askers_.end() - 1);
    }
    auto methods = options_.methods;
    if (methods.empty()) {
      const auto& encoders = snapshot().collection().vector_fields();
      methods.emplace_back(search::kWordField);
      methods.insert(methods.end(), encoders.begin(), encoders.end());
      if (!encoders.empty()) methods.push_back(fmt::format("{}+{}", fmt::join(encoders, "+"), search::kWordField));
    }
    for (const auto& method : methods) {
      TAMIS_TRY(const auto encoders, QuestionEncoders::open(snapshot(), method, options_.query_encoder));
      for (const auto& asker : askers_) asker->add(encoders);
      results_.run_names.push_back(method);
    }
    results_.threads = pool_.size();
    results_.passages = snapshot().collection().num_passages();
    results_.evaluations.assign(methods.size(), {});
    times_.resize(methods.size());
    problems_.resize(methods.size());
    if (options_.save_runs.empty()) return ok();
    return saved_.open(options_.save_runs, results_.run_names);
  }

  /// Reads the questions that have judgements.
  Status take(const std::vector<eval::Topic>& topics, const std::string& file) {
    std::vector<const eval::Topic*> judged;
    for (const auto& topic : topics) {
      const auto query = results_.ids.queries.find(topic.id);
      if (query && results_.qrels.find(*query)) judged.push_back(&topic);
    }
    if (judged.empty()) {
      return Error{Code::kInvalidArgument, fmt::format("{}: none of its questions has judgements", file)};
    }
    if (judged.size() < results_.qrels.size()) {
      say(fmt::format("tamis eval: {}: {} of {} judged queries without a question left out", harmless(file),
                      results_.qrels.size() - judged.size(), results_.qrels.size()));
    }
    if (options_.sample > 0 && options_.sample < judged.size()) {
      for (std::size_t i = 0; i < options_.sample; ++i) judged[i] = judged[i * judged.size() / options_.sample];
      judged.resize(options_.sample);
    }
    std::vector<bool> is_asked(results_.qrels.size(), false);
    for (const auto* topic : judged) {
      auto parsed =
          parse_question(question_text(*topic), topic->filter, options_.syntax, snapshot().collection().field_names());
      if (!parsed) return within(fmt::format("{}: line {}", file, topic->line), std::move(parsed).error());
      const auto query = results_.ids.queries.find(topic->id);
      is_asked[*results_.qrels.find(*query)] = true;
      questions_.push_back({*query, std::move(*parsed)});
    }
    if (judged.size() < results_.qrels.size()) {
      TAMIS_TRY(results_.qrels, judgements_of(results_.qrels, is_asked, results_.ids));
    }
    results_.questions.assign(results_.qrels.size(), {});
    for (const auto* topic : judged) {
      results_.questions[*results_.qrels.find(*results_.ids.queries.find(topic->id))] = question_text(*topic);
    }
    const std::vector<std::vector<double>> zeros(results_.measures.size(),
                                                 std::vector<double>(results_.qrels.size(), 0.0));
    for (auto& evaluation : results_.evaluations) {
      evaluation.values = zeros;
      evaluation.answered.assign(results_.qrels.size(), false);
    }
    return ok();
  }

  Status run(ProgressSink& progress) {
    progress.begin("asking", questions_.size(), "questions");
    std::vector<std::vector<Answer>> answers(kBlock);
    for (std::size_t first = 0; first < questions_.size(); first += kBlock) {
      const std::size_t count = std::min(kBlock, questions_.size() - first);
      TAMIS_TRY_OK(pool_.parallel_for(count, [&](std::size_t i, std::size_t worker) {
        return askers_[worker]->ask(questions_[first + i].parsed, answers[i]);
      }));
      TAMIS_TRY_OK(measure(first, std::span(answers).first(count)));
      progress.update(first + count);
    }
    progress.end();
    TAMIS_TRY_OK(saved_.finish());
    return finish();
  }

 private:
  [[nodiscard]] const Snapshot& snapshot() const { return askers_.front()->snapshot(); }

  /// A passage's document by its external id.
  Result<std::uint32_t> document_number(PassageId passage) {
    const auto [entry, is_new] = numbers_.try_emplace(passage, 0);
    if (is_new) {
      TAMIS_TRY(const auto id, snapshot().document_id(passage));
      TAMIS_TRY(entry->second, results_.ids.documents.intern(id));
    }
    return entry->second;
  }

  /// Documents in the order of their first hits.
  Status documents_of(const Answer& answer, std::uint32_t query, std::vector<eval::QueryLine<eval::Hit>>& lines) {
    if (answer.documents.empty()) {
      for (const auto& passage : answer.passages) {
        TAMIS_TRY(const std::uint32_t document, document_number(passage.id));
        lines.push_back({query, 0, {document, static_cast<double>(passage.score)}});
      }
      return ok();
    }
    struct Found {
      std::vector<double> scores;
      PassageId first_passage = 0;
      std::size_t first = 0;
    };
    std::unordered_map<DocumentId, std::size_t> places;
    std::vector<Found> found;
    for (std::size_t i = 0; i < answer.passages.size(); ++i) {
      const auto& passage = answer.passages[i];
      const auto [entry, is_new] = places.try_emplace(answer.documents[i], found.size());
      if (is_new) found.emplace_back();
      Found& of_document = found[entry->second];
      // The passages of a document are numbered in their order.
      if (is_new || passage.id < of_document.first_passage) {
        of_document.first_passage = passage.id;
        of_document.first = of_document.scores.size();
      }
      of_document.scores.push_back(static_cast<double>(passage.score));
    }
    for (auto& one : found) {
      TAMIS_TRY(const std::uint32_t document, document_number(one.first_passage));
      lines.push_back({query, 0, {document, eval::document_score(one.scores, one.first, options_.passages)}});
    }
    return ok();
  }

  Status measure(std::size_t first, std::span<const std::vector<Answer>> answers) {
    for (std::size_t m = 0; m < results_.run_names.size(); ++m) {
      std::vector<eval::QueryLine<eval::Hit>> lines;
      for (std::size_t i = 0; i < answers.size(); ++i) {
        const Answer& answer = answers[i][m];
        if (!answer.problem.empty()) {
          problems_[m].push_back(answer.problem);
          continue;
        }
        times_[m].push_back(answer.milliseconds);
        TAMIS_TRY_OK(documents_of(answer, questions_[first + i].query, lines));
      }
      TAMIS_TRY(auto run, eval::Run::gather(std::move(lines), results_.ids));
      if (options_.no_self) {
        TAMIS_TRY(run, eval::without_self_matches(run, results_.ids));
      }
      results_.evaluations[m].add(eval::evaluate(run, results_.qrels, results_.measures, options_.ties, results_.ids));
      if (!options_.save_runs.empty()) TAMIS_TRY_OK(saved_.write(m, run, results_.ids));
    }
    return ok();
  }

  Status finish() {
    for (std::size_t m = 0; m < times_.size(); ++m) {
      if (problems_[m].size() == questions_.size()) {
        return Error{Code::kInvalidArgument, fmt::format("{}: {}", results_.run_names[m], problems_[m].front())};
      }
      if (!problems_[m].empty()) {
        say(fmt::format("tamis eval: {}: {} not answered, such as: {}", harmless(results_.run_names[m]),
                        counted(problems_[m].size(), "question"), harmless(problems_[m].front())));
      }
      auto& times = times_[m];
      std::sort(times.begin(), times.end());
      const auto at = [&](double share) {
        return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1) + 0.5)];
      };
      results_.latencies.push_back({at(0.5), at(0.9)});
    }
    return ok();
  }

  const EvalIndexOptions& options_;
  EvalResults& results_;
  ThreadPool pool_;
  std::vector<std::unique_ptr<Asker>> askers_;
  std::vector<Asked> questions_;
  std::unordered_map<PassageId, std::uint32_t> numbers_;  // Ids::documents, by passage
  std::vector<std::vector<double>> times_;                // [methods] ms of the questions that were answered
  std::vector<std::vector<std::string>> problems_;        // [methods]
  RunsFolder saved_;
};

}  // namespace

Result<std::vector<std::string>> split_methods(std::string_view text) {
  std::vector<std::string> out;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (i < text.size() && (c != ',' || depth > 0)) continue;
    std::string_view part = text.substr(begin, i - begin);
    begin = i + 1;
    const auto from = part.find_first_not_of(" \t\n");
    if (from == std::string_view::npos) {
      return Error{Code::kInvalidArgument, fmt::format("methods: an empty one in \"{}\"", harmless(text))};
    }
    part = part.substr(from, part.find_last_not_of(" \t\n") + 1 - from);
    if (std::find(out.begin(), out.end(), part) != out.end()) {
      return Error{Code::kInvalidArgument, fmt::format("methods: {} is named twice", harmless(part))};
    }
    out.emplace_back(part);
  }
  return out;
}

Status measure_index(const Engine& engine, const std::vector<eval::Topic>& questions, const std::string& questions_file,
                     const EvalIndexOptions& options, ProgressSink& progress, EvalResults& results) {
  IndexEvaluation evaluation(options, results);
  TAMIS_TRY_OK(evaluation.open(engine));
  TAMIS_TRY_OK(evaluation.take(questions, questions_file));
  return evaluation.run(progress);
}

}  // namespace tamis::cli
