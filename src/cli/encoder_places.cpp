#include "encoder_places.h"

#include <fmt/format.h>
#include <tamis/models/store.h>
#include <tamis/sparse/vector_files.h>

#include <utility>
#include <vector>

#include "model_places.h"
#include "terminal.h"

namespace tamis::cli {
namespace {

namespace fs = std::filesystem;

struct Frequencies {
  std::uint64_t passages = 0;
  std::vector<std::uint64_t> of_term;
};

/// In how many vectors of a file each term is; names of terms are the tokenizer's.
Result<Frequencies> count_terms(const std::string& path, const text::Tokenizer& tokenizer) {
  Frequencies out;
  out.of_term.resize(tokenizer.vocabulary_size());
  std::uint64_t unknown = 0, known = 0;
  const auto count = [&](std::optional<std::uint32_t> term) {
    const bool here = term && *term < out.of_term.size();
    ++(here ? known : unknown);
    if (here) ++out.of_term[*term];
  };
  TAMIS_TRY_OK(sparse::read_vector_file(path, sparse::VectorFormat::kAuto, [&](sparse::NamedVector&& vector) {
    ++out.passages;
    for (const auto& [name, weight] : vector.named_terms) count(tokenizer.id(name));
    for (const auto term : vector.vector.terms) count(term);
    return ok();
  }));
  if (known == 0 && unknown > 0) {
    return Error{
        Code::kInvalidArgument,
        fmt::format("{}: none of its terms is a token of the model: are they another encoder's vectors?", path)};
  }
  return out;
}

}  // namespace

Result<fs::path> encoder_folder(const std::string& name_or_path) {
  return models::ModelStore(models_folder(environment_variable)).resolve(name_or_path);
}

Result<std::unique_ptr<encode::IdfEncoder>> open_idf_encoder(const fs::path& folder, const std::string& vectors) {
  TAMIS_TRY(const auto description, models::describe_folder(folder));
  TAMIS_TRY(auto tokenizer, text::Tokenizer::open(description.tokenizer_folder));
  if (vectors.empty()) {
    auto weights = encode::read_query_weights(description, tokenizer);
    if (!weights && weights.error().code == Code::kNotFound) {
      return Error{Code::kNotFound,
                   weights.error().message + "; name the vectors of your passages with --idf-from, to count them"};
    }
    if (!weights) return std::move(weights).error();
    return encode::IdfEncoder::from_table(std::move(tokenizer), std::move(*weights));
  }
  TAMIS_TRY(auto counted, count_terms(vectors, tokenizer));
  const std::uint64_t passages = counted.passages;
  return encode::IdfEncoder::from_frequencies(
      std::move(tokenizer), passages, [terms = std::move(counted.of_term)](TermId term) { return terms[term]; });
}

}  // namespace tamis::cli
