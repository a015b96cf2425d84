#pragma once

#include <tamis/base/result.h>
#include <tamis/engine/engine.h>
#include <tamis/search/model_rerankers.h>
#include <tamis/search/pipeline.h>
#include <tamis/sparse/dense_encoder.h>
#include <tamis/sparse/encoder.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::cli {

/// What the questions of a run are asked with. Immutable once it is open.
class QuestionEncoders {
 public:
  /// @param method         as parse_method() reads it; "" = the sum of words and of all models that the index has whole
  /// @param query_encoder  "model", "idf", or "" = what the model was made for
  /// @par Errors  a wrong method; kInvalidArgument: a field that the index lacks or has in part; kUnsupported: the
  /// model
  ///   of that name is another one than the index was made with; kNotFound when a model that the method names is not
  ///   installed. Without a method, a model that is not installed or not whole is left out, and remark() says so.
  [[nodiscard]] static Result<QuestionEncoders> open(const Snapshot& snapshot, std::string_view method,
                                                     std::string_view query_encoder);
  [[nodiscard]] const search::Method& method() const { return method_; }
  [[nodiscard]] const std::string& remark() const { return remark_; }

  struct Field {
    std::string name;
    std::shared_ptr<const sparse::TextEncoder> questions;
    std::shared_ptr<const sparse::TextEncoder> passages;  ///< to explain them
  };
  /// Those of the method, those that it reranks by too, words left out.
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }

  /// What one thread encodes with.
  struct Workers {
    std::vector<std::unique_ptr<sparse::TextEncoder::Worker>> owned;
    std::vector<search::QueryEncoder> encoders;
    std::vector<std::unique_ptr<sparse::DenseEncoder::Worker>> owned_dense;
    std::shared_ptr<const search::DenseStore> stored_vectors;  ///< that rerankers borrow
    std::vector<std::unique_ptr<search::Reranker>> owned_rerankers;
    std::vector<search::NamedReranker> rerankers;
    /// What a search needs of it.
    void give_to(search::SearchOptions& options) const {
      options.encoders = encoders;
      options.rerankers = rerankers;
    }
  };
  [[nodiscard]] Workers make_workers() const;

 private:
  [[nodiscard]] Status open_field(const Snapshot& snapshot, const EncoderInfo& encoder, std::string_view query_encoder);
  [[nodiscard]] Status choose_fields(const Snapshot& snapshot, std::string_view query_encoder);
  [[nodiscard]] Status open_reranker(const Snapshot& snapshot);
  search::Method method_;
  std::shared_ptr<const sparse::DenseEncoder> dense_;         ///< of rerank:dense and rerank:maxsim
  std::shared_ptr<const search::DenseStore> stored_vectors_;  ///< of the same model; nullptr = the index has none
  std::string remark_;
  std::vector<Field> fields_;
};

}  // namespace tamis::cli
