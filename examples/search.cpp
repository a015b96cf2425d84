// Indexes a folder and prints the best passages for a question:  search INDEX FOLDER QUESTION
#include <tamis/tamis.h>

#include <cstdio>
#include <exception>

int main(int argc, char** argv) try {
  if (argc != 4) return std::fputs("usage: search INDEX FOLDER QUESTION\n", stderr), 2;
  tamis::NoProgress quiet;
  auto engine = tamis::Engine::open_or_create(argv[1]).value();
  engine.ingest({argv[2]}, {}, quiet).value();
  const auto snapshot = engine.snapshot().value();
  const auto query = tamis::search::parse_query(argv[3], snapshot->collection().field_names()).value();
  const auto found = tamis::search::Searcher().search(snapshot->collection(), query, {}).value();
  for (const auto& hit : snapshot->hits(found.passages).value()) {
    std::printf("%g\t%s:%u\t%.60s\n", static_cast<double>(hit.score), hit.path.c_str(), hit.line, hit.text.c_str());
  }
  return found.passages.empty() ? 1 : 0;
} catch (const std::exception& error) {
  return std::fprintf(stderr, "search: %s\n", error.what()), 2;
}
