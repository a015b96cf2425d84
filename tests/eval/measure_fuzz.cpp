#include <tamis/eval/measure.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

/// What is read is read again from its usual spelling; values lie between 0 and 1.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto measures = tamis::eval::parse_measures({reinterpret_cast<const char*>(data), size});
  if (!measures) return measures.error().message.empty() ? std::abort(), 0 : 0;
  constexpr tamis::eval::Grade kRanking[] = {0, 3, tamis::eval::kNotJudged, -1, 1, 2}, kJudged[] = {3, 2, 1, 1, 0, -1};
  for (const auto& measure : *measures) {
    const auto again = tamis::eval::Measure::parse(measure.name());
    if (!again || again->name() != measure.name()) std::abort();
    const double value = measure.of({kRanking, kJudged});
    if (!(value >= 0.0 && value <= 1.0 + 1e-9)) std::abort();
  }
  return 0;
}
