#include "question_encoders.h"

#include <fmt/format.h>
#include <tamis/encode/dense_encoder.h>
#include <tamis/encode/idf_encoder.h>
#include <tamis/encode/splade_encoder.h>

#include <algorithm>
#include <utility>

#include "dense_stores.h"
#include "encoder_places.h"

namespace tamis::cli {
namespace {

constexpr std::string_view kDense = "dense";
constexpr std::string_view kMaxSim = "maxsim";
constexpr std::string_view kRerankModel = "minilm";

using encode::SpladeEncoder;
using encode::TextRole;

/// Token weights from how many passages of the index have a token in their vector.
std::unique_ptr<encode::IdfEncoder> idf_of_index(const Snapshot& snapshot, const std::string& field,
                                                 text::Tokenizer tokenizer) {
  const auto& collection = snapshot.collection();
  const auto& names = collection.vector_fields();
  const auto at = static_cast<std::size_t>(std::find(names.begin(), names.end(), field) - names.begin());
  std::vector<std::uint64_t> frequencies(tokenizer.vocabulary_size());
  std::uint64_t passages = 0;
  for (const auto& segment : collection.segments()) {
    const auto& vectors = *segment.vectors[at];
    passages += vectors.num_passages();
    for (const auto term : vectors.terms()) {
      if (term < frequencies.size()) frequencies[term] += vectors.document_frequency(term);
    }
  }
  return encode::IdfEncoder::from_frequencies(
      std::move(tokenizer), passages, [counted = std::move(frequencies)](TermId term) { return counted[term]; });
}

Result<std::shared_ptr<const sparse::TextEncoder>> open_questions(const Snapshot& snapshot, const std::string& field,
                                                                  const SpladeEncoder& model, bool idf) {
  using Shared = std::shared_ptr<const sparse::TextEncoder>;
  if (!idf) {
    TAMIS_TRY(auto made, model.with(TextRole::kQuery, {}));
    return Shared(std::move(made));
  }
  TAMIS_TRY(auto tokenizer, text::Tokenizer::open(model.description().tokenizer_folder));
  auto weights = encode::read_query_weights(model.description(), tokenizer);
  if (!weights && weights.error().code == Code::kNotFound) {
    return Shared(idf_of_index(snapshot, field, std::move(tokenizer)));
  }
  if (!weights) return std::move(weights).error();
  TAMIS_TRY(auto made, encode::IdfEncoder::from_table(std::move(tokenizer), std::move(*weights)));
  return Shared(std::move(made));
}

}  // namespace

Status QuestionEncoders::open_field(const Snapshot& snapshot, const EncoderInfo& encoder,
                                    std::string_view query_encoder) {
  TAMIS_TRY(const auto folder, encoder_folder(encoder.model));
  TAMIS_TRY(std::shared_ptr<const SpladeEncoder> model, SpladeEncoder::open(folder, TextRole::kPassage));
  if (model->fingerprint() != encoder.fingerprint) {
    return Error{Code::kUnsupported,
                 fmt::format("the index was made with another model named {} than {} holds: install that one, search "
                             "with --method bm25, or make the vectors anew (tamis index --rebuild)\n  the index: {}\n  "
                             "the model: {}",
                             encoder.name, folder.string(), encoder.fingerprint, model->fingerprint())};
  }
  const bool idf = query_encoder.empty() ? model->description().inference_free : query_encoder == "idf";
  TAMIS_TRY(auto questions, open_questions(snapshot, encoder.name, *model, idf));
  fields_.push_back({encoder.name, std::move(questions), std::move(model)});
  return ok();
}

Status QuestionEncoders::choose_fields(const Snapshot& snapshot, std::string_view query_encoder) {
  method_.fields.clear();
  for (const auto& encoder : snapshot.encoders()) {
    const auto add = [&](std::string why) {
      remark_ += fmt::format("{}{}: searching without the meaning that it knows", remark_.empty() ? "" : "\n", why);
    };
    if (encoder.passages_waiting > 0) {
      add(fmt::format("{} passages have no vector of {} yet (\"tamis index\" goes on with them)",
                      encoder.passages_waiting, encoder.name));
      continue;
    }
    const auto status = open_field(snapshot, encoder, query_encoder);
    if (status) {
      method_.fields.push_back({encoder.name});
    } else if (status.error().code == Code::kNotFound) {
      add(fmt::format("the model {} of the index is not installed (tamis model get)", encoder.model));
    } else {
      return status;
    }
  }
  method_.fields.push_back({std::string(search::kWordField)});
  return ok();
}

Result<QuestionEncoders> QuestionEncoders::open(const Snapshot& snapshot, std::string_view method,
                                                std::string_view query_encoder) {
  QuestionEncoders made;
  if (method.empty()) {
    TAMIS_TRY_OK(made.choose_fields(snapshot, query_encoder));
    return made;
  }
  TAMIS_TRY(made.method_, search::parse_method(method));
  TAMIS_TRY_OK(made.open_reranker(snapshot));
  search::SearchOptions by_model;
  by_model.rerankers = {{std::string(kDense)}, {std::string(kMaxSim)}};
  for (const auto& field : search::asked_fields(made.method_, by_model)) {
    if (field == search::kWordField) continue;
    const auto& known = snapshot.encoders();
    const auto encoder =
        std::find_if(known.begin(), known.end(), [&](const EncoderInfo& one) { return one.name == field; });
    if (encoder == known.end()) {
      std::string all(search::kWordField);
      for (const auto& one : known) all += ", " + one.name;
      return Error{Code::kInvalidArgument,
                   fmt::format("--method: the index has no field {} (it has {}); tamis index --encoder {} adds one",
                               field, all, field)};
    }
    if (encoder->passages_waiting > 0) {
      return Error{Code::kInvalidArgument,
                   fmt::format("--method: {} passages have no vector of {} yet: \"tamis index\" goes on with them",
                               encoder->passages_waiting, field)};
    }
    TAMIS_TRY_OK(made.open_field(snapshot, *encoder, query_encoder));
  }
  return made;
}

Status QuestionEncoders::open_reranker(const Snapshot& snapshot) {
  std::string model;
  for (const auto& step : method_.steps) {
    if (!step.name.starts_with(search::kRerankPrefix)) continue;
    const auto by = std::string_view(step.name).substr(search::kRerankPrefix.size());
    if (by != kDense && by != kMaxSim) continue;
    const auto* said = step.find("model");
    const std::string name = said == nullptr ? std::string(kRerankModel) : said->text;
    if (!model.empty() && name != model) {
      return Error{Code::kInvalidArgument,
                   fmt::format("--method: {} and {} would rerank (wanted one model for all steps)", model, name)};
    }
    model = name;
  }
  if (model.empty()) return ok();
  auto folder = encoder_folder(model);
  if (!folder) return within("--method: rerank", std::move(folder).error());
  TAMIS_TRY(dense_, encode::DenseTextEncoder::open(*folder));
  auto stored = search::DenseStore::open(dense_file(snapshot.folder(), model), dense_->fingerprint());
  if (stored) {
    stored_vectors_ = std::make_shared<const search::DenseStore>(std::move(*stored));
  } else if (stored.error().code != Code::kNotFound) {
    remark_ = stored.error().message + "\n  its vectors are not used: tamis index makes them anew";
  }
  return ok();
}

QuestionEncoders::Workers QuestionEncoders::make_workers() const {
  Workers workers;
  for (const auto& field : fields_) {
    workers.owned.push_back(field.questions->make_worker());
    workers.encoders.push_back({field.name, workers.owned.back().get()});
  }
  if (dense_ != nullptr) {
    workers.owned_dense.push_back(dense_->make_worker());
    auto& worker = *workers.owned_dense.back();
    workers.stored_vectors = stored_vectors_;
    workers.owned_rerankers.push_back(search::make_dense_reranker(worker, stored_vectors_.get()));
    workers.rerankers.push_back({std::string(kDense), workers.owned_rerankers.back().get()});
    workers.owned_rerankers.push_back(search::make_maxsim_reranker(worker));
    workers.rerankers.push_back({std::string(kMaxSim), workers.owned_rerankers.back().get()});
  }
  return workers;
}

}  // namespace tamis::cli
