#include "index_encoders.h"

#include <fmt/format.h>
#include <tamis/encode/splade_encoder.h>
#include <tamis/models/store.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "encoder_places.h"

namespace tamis::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWordsAlone = "bm25";

Result<EncoderChoice> open_choice(const std::string& wanted) {
  TAMIS_TRY(const auto folder, encoder_folder(wanted));
  EncoderChoice choice;
  // A name stays a name: the store may move. A folder is written down whole.
  std::error_code error;
  const bool is_folder = wanted.find('/') != std::string::npos || fs::equivalent(wanted, folder, error);
  choice.model = is_folder ? fs::weakly_canonical(folder, error).string() : wanted;
  TAMIS_TRY(choice.encoder, encode::SpladeEncoder::open(folder, encode::TextRole::kPassage));
  return choice;
}

/// A model that nobody asked for by name: one that is not installed is a remark.
Status add_if_installed(const std::string& model, std::string_view otherwise, IndexEncoders& out) {
  auto choice = open_choice(model);
  if (choice) {
    out.choices.push_back(std::move(*choice));
    return ok();
  }
  if (choice.error().code != Code::kNotFound) return std::move(choice).error();
  const std::string get = model.find('/') == std::string::npos ? fmt::format("tamis model get {}", model) : model;
  out.remark +=
      fmt::format("{}the model {} is not installed: {} ({})", out.remark.empty() ? "" : "\n", model, otherwise, get);
  return ok();
}

}  // namespace

Result<IndexEncoders> encoders_to_index(const Engine& engine, const std::string& wanted, bool rebuild) {
  IndexEncoders out;
  TAMIS_TRY(const auto known, engine.encoders());
  if (wanted == kWordsAlone) {
    if (known.empty() || rebuild) return out;
    return Error{Code::kInvalidArgument,
                 fmt::format("the index has vectors of {}: leave --encoder out, or make the index anew without them "
                             "(--rebuild --encoder {})",
                             known.front().name, kWordsAlone)};
  }
  std::string name;
  if (!wanted.empty()) {
    TAMIS_TRY(auto choice, open_choice(wanted));
    name = choice.encoder->name();
    out.choices.push_back(std::move(choice));
    if (rebuild) return out;
  }
  for (const auto& encoder : known) {
    if (encoder.name != name)
      TAMIS_TRY_OK(add_if_installed(encoder.model, "new passages are found by their words only", out));
  }
  TAMIS_TRY(const bool is_new, engine.is_new());
  if (is_new && wanted.empty()) {
    const std::string normal(models::kDefaultModel);
    TAMIS_TRY_OK(add_if_installed(normal, "passages are found by their words only", out));
  }
  return out;
}

}  // namespace tamis::cli
