#include <array>
#include <string>
#include <string_view>

#include "fuzz_file.h"

namespace {

std::uint32_t crc32_of(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ (0xEDB88320U & (0U - (crc & 1U)));
  }
  return ~crc;
}

void put(std::string& out, std::uint64_t value, int bytes) {
  for (; bytes > 0; --bytes, value >>= 8U) out.push_back(static_cast<char>(value));
}

/// A zip file of stored members, with right checksums: random bytes would hardly ever be one.
std::string zip_of(const std::array<std::string_view, 5>& contents) {
  constexpr std::array<std::string_view, 5> kNames = {"format.npy", "shape.npy", "indptr.npy", "indices.npy",
                                                      "data.npy"};
  std::string files, directory;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    std::string common;
    put(common, 20, 2);
    put(common, 0, 8);  // flags, stored, time
    put(common, crc32_of(contents[i]), 4);
    put(common, contents[i].size(), 4);
    put(common, contents[i].size(), 4);
    put(common, kNames[i].size(), 2);
    put(common, 0, 2);
    directory += "PK\x01\x02";
    put(directory, 20, 2);
    directory += common;
    put(directory, 0, 10);
    put(directory, files.size(), 4);
    directory += kNames[i];
    files += "PK\x03\x04" + common;
    files += kNames[i];
    files += contents[i];
  }
  std::string end = "PK\x05\x06";
  put(end, 0, 4);
  put(end, kNames.size(), 2);
  put(end, kNames.size(), 2);
  put(end, directory.size(), 4);
  put(end, files.size(), 4);
  put(end, 0, 2);
  return files + directory + end;
}

}  // namespace

/// The bytes as they are, or, when a first byte says so, cut into the five arrays of a file whose zip is sound.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr auto kFormat = tamis::sparse::VectorFormat::kNpz;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  if (rest.empty() || rest.front() != 'A') {
    tamis::sparse::fuzz_vector_file(data, size, kFormat);
    return 0;
  }
  rest.remove_prefix(1);
  std::array<std::string_view, 5> contents;
  for (auto& content : contents) {
    const auto end = rest.find("\x93NUMPY", 1);
    content = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  }
  const std::string image = zip_of(contents);
  tamis::sparse::fuzz_vector_file(reinterpret_cast<const std::uint8_t*>(image.data()), image.size(), kFormat);
  return 0;
}
