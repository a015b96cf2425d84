// How many MB of text a thread goes through a second: words, sentences, the analyzer, the language guess.
//
//   bench_analyzer FILE [LANGUAGE]
//
// FILE holds one passage a line (UTF-8). CPU time of one thread; minimum and median of 11 rounds over the whole file.
#include <fmt/core.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <tamis/text/analyzer.h>
#include <tamis/text/language.h>
#include <tamis/text/unicode.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace {

using tamis::text::Analyzer;
using tamis::text::Language;

[[nodiscard]] double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Input {
  std::vector<std::string> passages;
  std::size_t bytes = 0;
};

[[nodiscard]] Input read_lines(const char* path) {
  Input input;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    input.bytes += line.size();
    input.passages.push_back(line);
  }
  return input;
}

/// Prints one row: `round` goes over all passages and returns how many things it made.
void measure(const char* name, const Input& input, const std::function<std::size_t()>& round) {
  std::vector<double> seconds;
  std::size_t made = 0;
  for (int i = 0; i < 11; ++i) {
    const double begin = cpu_seconds();
    made = round();
    seconds.push_back(cpu_seconds() - begin);
  }
  std::ranges::sort(seconds);
  const double megabytes = static_cast<double>(input.bytes) / 1e6;
  const double nanoseconds = seconds.front() * 1e9 / static_cast<double>(std::max<std::size_t>(1, made));
  fmt::print("{:<24} {:>9.1f} MB/s best {:>9.1f} MB/s median {:>11} made {:>8.1f} ns each\n", name,
             megabytes / seconds.front(), megabytes / seconds[seconds.size() / 2], made, nanoseconds);
}

/// The same number of tokens for each passage, whatever the analyzer has seen before.
[[nodiscard]] std::size_t analyze_all(Analyzer& analyzer, const Input& input, Language language) {
  std::vector<tamis::text::Token> tokens;
  std::size_t made = 0;
  for (const std::string& passage : input.passages) {
    tokens.clear();
    analyzer.analyze(passage, language, tokens);
    made += tokens.size();
  }
  return made;
}

void run(const Input& input, Language language) {
  Analyzer warm;
  measure("text/analyze/warm", input, [&] { return analyze_all(warm, input, language); });
  fmt::print("{:<24} {} terms\n", "", warm.num_terms());
  measure("text/analyze/cold", input, [&] {
    Analyzer cold;
    return analyze_all(cold, input, language);
  });
  std::vector<tamis::text::Range> ranges;
  const auto each_passage = [&](const auto& work) {
    std::size_t made = 0;
    for (const std::string& passage : input.passages) {
      ranges.clear();
      made += work(passage);
    }
    return made;
  };
  measure("text/segment_words", input, [&] {
    return each_passage([&](const std::string& passage) {
      tamis::text::segment_words(passage, ranges);
      return ranges.size();
    });
  });
  measure("text/segment_sentences", input, [&] {
    return each_passage([&](const std::string& passage) {
      tamis::text::segment_sentences(passage, ranges);
      return ranges.size();
    });
  });
  measure("text/count_words", input,
          [&] { return each_passage([](const std::string& p) { return tamis::text::count_words(p); }); });
  measure("text/fold", input,
          [&] { return each_passage([](const std::string& p) { return tamis::text::fold(p).size(); }); });
  measure("text/is_valid_utf8", input, [&] {
    return each_passage([](const std::string& p) { return std::size_t{tamis::text::is_valid_utf8(p)}; });
  });
  measure("text/guess_language", input, [&] {
    return each_passage([](const std::string& p) {
      return std::size_t{tamis::text::guess_language(p, Language::kNone) != Language::kNone};
    });
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: bench_analyzer FILE [LANGUAGE]\n");
    return 2;
  }
  const Input input = read_lines(argv[1]);
  if (input.bytes == 0) {
    fmt::print(stderr, "bench_analyzer: {}: no text\n", argv[1]);
    return 2;
  }
  auto language = tamis::text::language_from(argc > 2 ? argv[2] : "en");
  if (!language) {
    fmt::print(stderr, "bench_analyzer: {}\n", language.error().message);
    return 2;
  }
  run(input, *language);
  return 0;
}
