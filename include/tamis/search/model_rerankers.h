#pragma once

#include <tamis/search/dense_store.h>
#include <tamis/search/reranker.h>
#include <tamis/sparse/dense_encoder.h>

#include <memory>
#include <span>

namespace tamis::search {

/// The product of question's and passage's vector. A passage's is taken from the store, else made when it is asked for,
/// and kept for the next question that it is a candidate of, 64 MB of them.
/// @param worker  borrowed
/// @param store   borrowed, of the same model; nullptr = none
[[nodiscard]] std::unique_ptr<Reranker> make_dense_reranker(sparse::DenseEncoder::Worker& worker,
                                                            const DenseStore* store = nullptr);

/// MaxSim: the mean over the question's tokens of the largest product with a token of the passage, vectors made when it
/// is asked for. Source: Khattab & Zaharia, ColBERT, arXiv:2004.12832; we differ: the mean instead of the sum, which
/// ranks alike, and any encoder's tokens.
/// @param worker  borrowed
[[nodiscard]] std::unique_ptr<Reranker> make_maxsim_reranker(sparse::DenseEncoder::Worker& worker);

/// The definition: 0 where one of them has no token.
[[nodiscard]] float maxsim(const sparse::TokenVectors& question, const sparse::TokenVectors& passage,
                           std::size_t dimension);

}  // namespace tamis::search
