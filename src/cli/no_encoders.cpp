// What a program without neural encoders does with indexes that have vectors of them.
#include <fmt/format.h>

#include "dense_vectors.h"
#include "index_encoders.h"
#include "question_encoders.h"

namespace tamis::cli {
namespace {

Error not_built() {
  return Error{Code::kUnsupported, "this program was built without neural encoders (TAMIS_NEURAL): it knows bm25 only"};
}

}  // namespace

Result<IndexEncoders> encoders_to_index(const Engine& engine, const std::string& wanted, bool rebuild) {
  IndexEncoders out;
  if (!wanted.empty() && wanted != search::kWordField) return not_built();
  TAMIS_TRY(const auto known, engine.encoders());
  if (known.empty() || rebuild) return out;
  if (!wanted.empty()) {
    return Error{Code::kInvalidArgument,
                 fmt::format("the index has vectors of {}: leave --encoder out, or make the index "
                             "anew without them (--rebuild --encoder bm25)",
                             known.front().name)};
  }
  out.remark = not_built().message;
  return out;
}

Result<QuestionEncoders> QuestionEncoders::open(const Snapshot& snapshot, std::string_view method, std::string_view) {
  QuestionEncoders made;
  if (!method.empty()) {
    TAMIS_TRY(made.method_, search::parse_method(method));
  }
  const auto fields = search::asked_fields(made.method_, {});
  if (fields.size() != 1 || fields.front() != search::kWordField) return not_built();
  if (!snapshot.encoders().empty()) made.remark_ = not_built().message;
  return made;
}

Result<DenseReport> update_dense(const Engine&, const std::string& model, std::uint32_t, ProgressSink&,
                                 const CancelToken&) {
  if (!model.empty()) return not_built();
  return DenseReport{};
}

QuestionEncoders::Workers QuestionEncoders::make_workers() const { return {}; }

}  // namespace tamis::cli
