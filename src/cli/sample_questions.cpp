#include "sample_questions.h"

#include <algorithm>
#include <random>
#include <utility>

#include "questions.h"
#include "vector_format.h"

namespace tamis::cli {
namespace {

constexpr std::size_t kMostWords = 12;
constexpr std::size_t kFewestWords = 4;
constexpr std::size_t kMostBytes = 120;
constexpr std::size_t kHeaviestTerms = 32;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The beginning of a text that is no longer than `bytes`, cut between characters.
std::string_view cut_text(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

/// The first sentence of some words, cut to a dozen; where words cannot be told apart by blanks, the text's beginning.
std::string_view question_in(std::string_view text) {
  std::size_t begin = 0, words = 0;
  bool in_word = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool blank = is_blank(text[i]);
    if (!blank && !in_word && words == 0) begin = i;
    if (!blank && !in_word && ++words > kMostWords) return cut_text(text.substr(begin, i - begin), kMostBytes);
    in_word = !blank;
    const bool ends = text[i] == '\n' || ((text[i] == '.' || text[i] == '?' || text[i] == '!') &&
                                          (i + 1 == text.size() || is_blank(text[i + 1])));
    if (!ends) continue;
    if (words >= kFewestWords) return cut_text(text.substr(begin, i + 1 - begin), kMostBytes);
    words = 0;
    in_word = false;
  }
  return cut_text(text, kMostBytes);
}

/// Live passages, spread over the collection: segment and local number.
std::vector<std::pair<std::size_t, LocalId>> some_passages(const search::Collection& collection, std::size_t count) {
  std::vector<std::pair<std::size_t, LocalId>> all;
  const auto segments = collection.segments();
  std::uint64_t total = 0;
  for (const auto& segment : segments) total += segment.field->num_passages();
  std::mt19937_64 random(total);
  // More than are wanted: some are deleted or have nothing to ask.
  for (std::size_t i = 0; i < 4 * count && total > 0; ++i) {
    std::uint64_t at = random() % total;
    std::size_t s = 0;
    while (at >= segments[s].field->num_passages()) at -= segments[s++].field->num_passages();
    const auto local = static_cast<LocalId>(at);
    if (segments[s].deleted == nullptr || !segments[s].deleted->test(local)) all.emplace_back(s, local);
  }
  return all;
}

sparse::SparseVector heaviest_terms(const index::SparseField& field, LocalId passage) {
  std::vector<TermId> terms;
  std::vector<std::uint16_t> levels;
  field.vector(passage, terms, levels);
  std::vector<std::pair<std::uint16_t, TermId>> heaviest;
  for (std::size_t i = 0; i < terms.size(); ++i) heaviest.emplace_back(levels[i], terms[i]);
  std::sort(heaviest.rbegin(), heaviest.rend());
  heaviest.resize(std::min(heaviest.size(), kHeaviestTerms));
  std::sort(heaviest.begin(), heaviest.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  sparse::SparseVector vector;
  for (const auto& [level, term] : heaviest) {
    vector.terms.push_back(term);
    vector.weights.push_back(static_cast<float>(level) * field.config().scale.step());
  }
  return vector;
}

}  // namespace

Result<sparse::SparseVector> in_terms_of(const search::Collection& collection, const sparse::NamedVector& vector) {
  std::vector<TermId> terms;
  std::vector<float> weights;
  const auto add = [&](std::string_view name, float weight) {
    const auto term = collection.find_term(name);
    if (!term) return;
    terms.push_back(*term);
    weights.push_back(weight);
  };
  for (const auto& [name, weight] : vector.named_terms) add(name, weight);
  for (std::size_t i = 0; i < vector.vector.size(); ++i) {
    add(std::to_string(vector.vector.terms[i]), vector.vector.weights[i]);
  }
  return sparse::make_vector(terms, weights);
}

namespace {

Result<SampleQuestions> questions_of_file(const Snapshot& snapshot, const SampleSource& source) {
  SampleQuestions sample;
  if (source.query_vectors.empty()) {
    TAMIS_TRY(const auto questions, read_questions(source.queries));
    for (const auto& question : questions) {
      TAMIS_TRY(auto query, parse_question(question.text, question.filter, false, snapshot.collection().field_names()));
      if (!query.clauses.empty()) sample.words.push_back(std::move(query));
    }
    return sample;
  }
  TAMIS_TRY(const auto format, vector_format_from(source.query_vectors_format));
  TAMIS_TRY(const auto questions, read_question_vectors(source.query_vectors, format));
  for (const auto& question : questions) {
    TAMIS_TRY(auto vector, in_terms_of(snapshot.collection(), question.vector));
    if (!vector.terms.empty()) sample.vectors.push_back(std::move(vector));
  }
  return sample;
}

Result<SampleQuestions> questions_of_collection(const Snapshot& snapshot, std::size_t count) {
  SampleQuestions sample;
  const auto& collection = snapshot.collection();
  for (const auto& [s, local] : some_passages(collection, count)) {
    if (sample.size() == count) break;
    const auto& field = *collection.segments()[s].field;
    if (field.config().name != search::kWordField) {
      auto vector = heaviest_terms(field, local);
      if (!vector.terms.empty()) sample.vectors.push_back(std::move(vector));
      continue;
    }
    TAMIS_TRY(const auto hit, snapshot.show(field.ids()[local]));
    const auto text = question_in(hit.text);
    TAMIS_TRY(auto query, search::plain_query(text));
    if (!query.clauses.empty()) sample.words.push_back(std::move(query));
  }
  return sample;
}

}  // namespace

Result<SampleQuestions> sample_questions(const Snapshot& snapshot, const SampleSource& source) {
  if (source.queries.empty() && source.query_vectors.empty()) return questions_of_collection(snapshot, source.sample);
  return questions_of_file(snapshot, source);
}

bool holds_vectors(const search::Collection& collection) {
  const auto segments = collection.segments();
  return !segments.empty() && segments.front().field->config().name != search::kWordField;
}

Status check_source(const SampleSource& source) {
  if (source.queries.empty() || source.query_vectors.empty()) return ok();
  return Error{Code::kInvalidArgument, "--queries and --query-vectors: name one of them"};
}

void add_sample_options(Command& command, SampleSource& source) {
  command
      .option("--queries", "FILE", source.queries,
              "questions, as \"tamis search --queries\" reads them; normally first sentences of passages")
      .of(Hint::kFile);
  command
      .option("--query-vectors", "FILE", source.query_vectors, "questions as sparse vectors, for an index of vectors")
      .of(Hint::kFile);
  command.option("--query-vectors-format", "NAME", source.query_vectors_format, "format of that file")
      .among(vector_format_names());
  command.option("--method", "METHOD", source.method, "as of \"tamis search\"; normally the sum of all fields");
  command.option("--query-encoder", "NAME", source.query_encoder, "as of \"tamis search\"").among({"model", "idf"});
  command.option("--sample", "N", source.sample, "how many questions are made without a file of them");
}

}  // namespace tamis::cli
