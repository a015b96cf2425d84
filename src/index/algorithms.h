#pragma once

#include <tamis/index/query_algorithm.h>

#include <memory>

// One function a query algorithm, one file a function. query_algorithm.cpp lists them.
namespace tamis::index {

[[nodiscard]] std::unique_ptr<QueryAlgorithm> make_block_max_score();
[[nodiscard]] std::unique_ptr<QueryAlgorithm> make_window_exhaustive();
[[nodiscard]] std::unique_ptr<QueryAlgorithm> make_exhaustive();

}  // namespace tamis::index
