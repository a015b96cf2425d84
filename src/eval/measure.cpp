#include <fmt/format.h>
#include <tamis/eval/measure.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "measures.h"

namespace tamis::eval {
namespace {

enum class Cutoff { kNone, kMay, kMust };

struct Entry {
  std::string_view name, other_name;
  Cutoff cutoff;
  double (*function)(const JudgedRanking&, const MeasureParameters&);
  std::string_view summary;
};
// The one list of measures.
constexpr std::array<Entry, 12> kMeasures = {{
    {"nDCG", "", Cutoff::kMay, ndcg,
     "discounted gain of the grades, over the best possible; dcg='exp-log2' gains 2^grade - 1"},
    {"AP", "MAP", Cutoff::kMay, average_precision, "mean precision at the relevant documents"},
    {"RR", "MRR", Cutoff::kMay, reciprocal_rank, "1 / rank of the first relevant document"},
    {"R", "Recall", Cutoff::kMust, recall, "share of the relevant documents among the first k"},
    {"P", "Precision", Cutoff::kMust, precision, "share of the first k that is relevant"},
    {"Success", "", Cutoff::kMust, success, "whether one of the first k is relevant"},
    {"Rprec", "", Cutoff::kNone, r_precision, "precision at the number of relevant documents"},
    {"Bpref", "", Cutoff::kNone, bpref, "judged relevant documents before judged others"},
    {"infAP", "", Cutoff::kNone, inferred_ap, "AP when a sample of the pool was judged (others have a grade below 0)"},
    {"Judged", "", Cutoff::kMay, judged_share, "share of the first k that has a judgement"},
    {"F1", "", Cutoff::kMay, f1, "harmonic mean of precision and recall of the first k"},
    {"F2", "", Cutoff::kMay, f2, "the same, recall weighs twice"},
}};

bool same_letters(std::string_view a, std::string_view b) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return small(x) == small(y); });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

template <class Number>
bool parse_whole(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

/// "rel=2" and what else stands between the parentheses.
bool set_parameter(std::string_view text, bool is_ndcg, MeasureParameters& out) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  const auto key = trimmed(text.substr(0, equals));
  auto value = trimmed(text.substr(equals + 1));
  if (value.size() >= 2 && (value.front() == '\'' || value.front() == '"') && value.back() == value.front()) {
    value = value.substr(1, value.size() - 2);
  }
  if (key == "rel" && !is_ndcg) return parse_whole(value, out.rel) && out.rel >= 0;
  if (key == "judged_only") {
    out.judged_only = value == "True" || value == "true";
    return out.judged_only || value == "False" || value == "false";
  }
  if (key != "dcg" || !is_ndcg) return false;
  out.exponential = value == "exp-log2";
  return out.exponential || value == "log2";
}

std::string usual_name(std::string_view name, const MeasureParameters& p) {
  std::vector<std::string> in_parentheses;
  if (p.rel != 1) in_parentheses.push_back(fmt::format("rel={}", p.rel));
  if (p.exponential) in_parentheses.emplace_back("dcg='exp-log2'");
  if (p.judged_only) in_parentheses.emplace_back("judged_only=True");
  std::string out(name);
  if (!in_parentheses.empty()) out += fmt::format("({})", fmt::join(in_parentheses, ","));
  if (p.cutoff != 0) out += fmt::format("@{}", p.cutoff);
  return out;
}

Error bad_measure(std::string_view text, std::string_view what) {
  std::vector<std::string> names;
  for (const auto& entry : kMeasures) {
    names.push_back(fmt::format("{}{}", entry.name,
                                entry.cutoff == Cutoff::kNone   ? ""
                                : entry.cutoff == Cutoff::kMust ? "@k"
                                                                : "[@k]"));
  }
  return {Code::kInvalidArgument, fmt::format("measure \"{}\": {} (there are {})", text, what, fmt::join(names, ", "))};
}

}  // namespace

Result<Measure> Measure::parse(std::string_view text) {
  const std::string_view name = text.substr(0, text.find_first_of("(@"));
  std::string_view rest = text.substr(name.size());
  const auto entry = std::find_if(kMeasures.begin(), kMeasures.end(), [&](const Entry& e) {
    return same_letters(e.name, name) || (!e.other_name.empty() && same_letters(e.other_name, name));
  });
  if (entry == kMeasures.end()) return bad_measure(text, "unknown");
  Measure out;
  if (rest.starts_with('(')) {
    const auto end = rest.find(')');
    if (end == std::string_view::npos) return bad_measure(text, "no \")\"");
    std::string_view inside = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    while (!trimmed(inside).empty()) {
      const auto comma = std::min(inside.find(','), inside.size());
      if (!set_parameter(inside.substr(0, comma), entry->name == "nDCG", out.parameters_)) {
        return bad_measure(text, fmt::format("\"{}\" is no parameter of it", inside.substr(0, comma)));
      }
      inside.remove_prefix(std::min(comma + 1, inside.size()));
    }
  }
  if (rest.starts_with('@')) {
    if (entry->cutoff == Cutoff::kNone) return bad_measure(text, "takes no cutoff");
    if (!parse_whole(rest.substr(1), out.parameters_.cutoff) || out.parameters_.cutoff == 0) {
      return bad_measure(text, "the cutoff is no whole number above 0");
    }
  } else if (!rest.empty()) {
    return bad_measure(text, fmt::format("\"{}\" at its end", rest));
  } else if (entry->cutoff == Cutoff::kMust) {
    return bad_measure(text, "needs a cutoff");
  }
  out.name_ = usual_name(entry->name, out.parameters_);
  out.function_ = entry->function;
  return out;
}

double Measure::of(const JudgedRanking& ranking) const {
  if (!parameters_.judged_only) return function_(ranking, parameters_);
  std::vector<Grade> judged;
  for (const Grade grade : ranking.ranking) {
    if (grade >= 0) judged.push_back(grade);
  }
  return function_({judged, ranking.judged}, parameters_);
}

Result<std::vector<Measure>> parse_measures(std::string_view text) {
  std::vector<Measure> out;
  std::size_t begin = 0, depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    if (c == '(') ++depth;
    if (c == ')' && depth > 0) --depth;
    const bool ends = i == text.size() || (depth == 0 && (c == ' ' || c == ',' || c == '\t' || c == '\n'));
    if (!ends) continue;
    if (i > begin) {
      TAMIS_TRY(auto measure, Measure::parse(text.substr(begin, i - begin)));
      const auto same = [&](const Measure& other) { return other.name() == measure.name(); };
      if (std::any_of(out.begin(), out.end(), same)) return bad_measure(measure.name(), "named twice");
      out.push_back(std::move(measure));
    }
    begin = i + 1;
  }
  if (out.empty()) return bad_measure(text, "no measure");
  return out;
}

std::vector<MeasureInfo> known_measures() {
  std::vector<MeasureInfo> out;
  for (const auto& entry : kMeasures) {
    out.push_back(
        {entry.name, entry.other_name, entry.summary, entry.cutoff != Cutoff::kNone, entry.cutoff == Cutoff::kMust});
  }
  return out;
}

}  // namespace tamis::eval
