#include "docs/fuzzing.h"
#include "ignore_pattern.h"

/// The first line is the pattern, the rest is the path.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tamis::docs;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\n'), input.size());
  const auto pattern = IgnorePattern::parse(input.substr(0, end));
  if (!pattern) return 0;
  const auto path = input.substr(std::min(end + 1, input.size()));
  const bool file = pattern->matches(path, false), folder = pattern->matches(path, true);
  if (file && !folder) broken_law("what ignores a file ignores a folder of that name");
  return 0;
}
