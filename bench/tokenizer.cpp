// Tokenizes texts for tests/text/tokenizer_parity.py and bench/tokenizer_speed.py, which compare it with a peer.
//
//   bench_tokenizer TOKENIZER TEXTS
//
// TOKENIZER is a model's folder or a tokenizer.json; TEXTS holds texts, each behind its size as 4 bytes, lowest first.
// Then a command a line on standard input, an answer a line on standard output:
//
//   time        one round over all texts on this thread: its CPU seconds, the number of tokens
//   dump FILE   writes for each text the number of its tokens and their ids, begins, ends as 4-byte numbers
#include <fmt/core.h>
#include <tamis/base/file.h>
#include <tamis/text/tokenizer.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using tamis::text::Tokenizer;

[[nodiscard]] double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

[[nodiscard]] std::vector<std::string_view> split_texts(std::string_view content) {
  std::vector<std::string_view> texts;
  while (content.size() >= 4) {
    std::uint32_t size = 0;
    std::memcpy(&size, content.data(), 4);
    texts.push_back(content.substr(4, size));
    content.remove_prefix(std::min<std::size_t>(content.size(), 4 + std::size_t{size}));
  }
  return texts;
}

void time_round(const Tokenizer& tokenizer, const std::vector<std::string_view>& texts, Tokenizer::Scratch& scratch) {
  std::vector<Tokenizer::Token> tokens;
  std::size_t made = 0;
  const double begin = thread_seconds();
  for (const std::string_view text : texts) {
    tokens.clear();
    tokenizer.encode(text, scratch, tokens);
    made += tokens.size();
  }
  fmt::print("{:.9f} {}\n", thread_seconds() - begin, made);
}

void dump(const Tokenizer& tokenizer, const std::vector<std::string_view>& texts, Tokenizer::Scratch& scratch,
          const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  std::vector<Tokenizer::Token> tokens;
  std::vector<std::uint32_t> row;
  for (const std::string_view text : texts) {
    tokens.clear();
    tokenizer.encode(text, scratch, tokens);
    row.assign(1, static_cast<std::uint32_t>(tokens.size()));
    for (const auto& token : tokens) row.push_back(token.id);
    for (const auto& token : tokens) row.push_back(token.begin);
    for (const auto& token : tokens) row.push_back(token.end);
    file.write(reinterpret_cast<const char*>(row.data()), static_cast<std::streamsize>(row.size() * 4));
  }
  fmt::print("{}\n", file.good() ? "done" : "failed");
}

[[nodiscard]] tamis::Result<Tokenizer> open(const std::string& path) {
  if (std::filesystem::is_directory(path)) return Tokenizer::open(path);
  TAMIS_TRY(const auto json, tamis::read_file(path, std::uint64_t{1} << 30U));
  return Tokenizer::from_json(json);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: bench_tokenizer TOKENIZER TEXTS\n");
    return 2;
  }
  const double begin = thread_seconds();
  const auto tokenizer = open(argv[1]);
  const double opened = thread_seconds() - begin;
  const auto content = tamis::read_file(argv[2], std::uint64_t{1} << 36U);
  if (!tokenizer || !content) {
    fmt::print(stderr, "bench_tokenizer: {}\n", (tokenizer ? content.error() : tokenizer.error()).message);
    return 2;
  }
  const auto texts = split_texts(*content);
  Tokenizer::Scratch scratch;
  fmt::print("opened {:.6f} {}\n", opened, texts.size());
  for (std::string line; std::fflush(stdout), std::getline(std::cin, line);) {
    if (line == "time") time_round(*tokenizer, texts, scratch);
    if (line.starts_with("dump ")) dump(*tokenizer, texts, scratch, line.substr(5));
  }
  return 0;
}
