#include "questions.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tamis::search {
namespace {

/// The segments of a collection as one of its fields has them, with what may be found.
std::vector<index::SegmentView> views_of(const Collection& collection, const Filters& filters, std::size_t vectors) {
  auto views = filters.views();
  for (std::size_t i = 0; i < views.size(); ++i) views[i].field = collection.segments()[i].vectors[vectors];
  return views;
}

}  // namespace

std::vector<const SegmentBlocks*> blocks_of(const Collection& collection) {
  std::vector<const SegmentBlocks*> blocks;
  for (const auto& segment : collection.segments()) {
    blocks.push_back(segment.blocks.index == nullptr ? nullptr : &segment.blocks);
  }
  return blocks;
}

Status Questions::ask(const Filters& filters, sparse::SparseView words) {
  if (collection_.segments().empty()) return ok();
  for (const auto& name : asked_fields(options_.method, options_)) {
    if (name == kWordField) {
      TAMIS_TRY_OK(add(name, filters.views(), words));
    } else {
      TAMIS_TRY_OK(ask_vectors(name, filters));
    }
  }
  return ok();
}

std::size_t Questions::num_terms() const {
  std::size_t sum = 0;
  for (const auto& field : fields_) sum += field.query.terms.size();
  return sum;
}

Status Questions::add(std::string_view name, std::vector<index::SegmentView> views, sparse::SparseView vector) {
  FieldQuery field;
  field.name = name;
  if (!vector.terms.empty()) {
    TAMIS_TRY(field.query, index::prepare_query(vector, views.front().field->config().scale));
  }
  field.views = std::move(views);
  field.blocks = blocks_of(collection_);
  field.vector.terms.assign(vector.terms.begin(), vector.terms.end());
  field.vector.weights.assign(vector.weights.begin(), vector.weights.end());
  fields_.push_back(std::move(field));
  return ok();
}

Status Questions::ask_vectors(const std::string& name, const Filters& filters) {
  const auto& known = collection_.vector_fields();
  const auto at = std::find(known.begin(), known.end(), name);
  if (at == known.end()) {
    std::string all(kWordField);
    for (const auto& field : known) all += ", " + field;
    return Error{Code::kInvalidArgument,
                 "method: the index has no field " + name + " that is whole (it has " + all + ")"};
  }
  const auto& encoders = options_.encoders;
  const auto encoder =
      std::find_if(encoders.begin(), encoders.end(), [&](const QueryEncoder& one) { return one.field == name; });
  if (encoder == encoders.end()) {
    return Error{Code::kInvalidArgument, "method: no encoder makes questions for the field " + name};
  }
  sparse::SparseVector vector;
  const std::string text = query_.words();
  const std::string_view texts[] = {text};
  const auto begin = std::chrono::steady_clock::now();
  TAMIS_TRY_OK(encoder->worker->encode(texts, std::span(&vector, 1)));
  encode_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return add(name, views_of(collection_, filters, static_cast<std::size_t>(at - known.begin())), vector);
}

}  // namespace tamis::search
