#pragma once

#include <tamis/base/result.h>
#include <tamis/eval/evaluate.h>

#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

namespace tamis::cli {

/// A folder with one TREC run a method, written piece by piece. Files are called as the methods, with _ for what does
/// not belong into a name.
class RunsFolder {
 public:
  /// Makes the folder if it is missing; runs that are there are replaced. kIo names the path.
  [[nodiscard]] Status open(const std::string& folder, const std::vector<std::string>& methods);
  /// Adds queries to a method's run: hits best first, equal scores in the given order.
  [[nodiscard]] Status write(std::size_t method, const eval::Run& run, const eval::Ids& ids);
  /// kIo when something could not be written.
  [[nodiscard]] Status finish();

 private:
  struct File {
    std::string path, tag;
    std::ofstream stream;
  };
  std::vector<File> files_;
};

}  // namespace tamis::cli
