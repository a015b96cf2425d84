#pragma once

#include <tamis/sparse/vector_files.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::sparse {

/// A folder that goes when the test ends.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tamis-sparse-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] std::filesystem::path put(std::string_view name, std::string_view bytes) const {
    const auto path = folder_ / name;
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    return path;
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

inline Result<std::vector<NamedVector>> read_all_vectors(const std::filesystem::path& path,
                                                         VectorFormat format = VectorFormat::kAuto) {
  std::vector<NamedVector> out;
  const auto status = read_vector_file(path, format, [&](NamedVector&& vector) {
    out.push_back(std::move(vector));
    return ok();
  });
  if (!status) return status.error();
  return out;
}

/// {id: {term: whole weight}}, in the order of ids: what the three formats can all say.
using Collection = std::vector<std::pair<std::string, std::map<std::string, std::uint32_t>>>;

// A second, independent writer of the protobuf wire format.
inline std::string pb_varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>((value & 0x7F) | 0x80));
  out.push_back(static_cast<char>(value));
  return out;
}
inline std::string pb_number(std::uint32_t field, std::uint64_t value) {
  return pb_varint(field << 3) + pb_varint(value);
}
inline std::string pb_bytes(std::uint32_t field, std::string_view bytes) {
  return pb_varint(field << 3 | 2) + pb_varint(bytes.size()) + std::string(bytes);
}
inline std::string delimited(std::string_view message) { return pb_varint(message.size()) + std::string(message); }

inline std::string ciff_image(const Collection& documents) {
  std::map<std::string, std::vector<std::pair<std::uint32_t, std::uint32_t>>> lists;
  for (std::uint32_t doc = 0; doc < documents.size(); ++doc) {
    for (const auto& [term, weight] : documents[doc].second) lists[term].emplace_back(doc, weight);
  }
  const std::string average = pb_varint(7U << 3 | 1) + std::string("\0\0\0\0\0\0\x25\x40", 8);
  std::string out = delimited(pb_number(1, 1) + pb_number(2, lists.size()) + pb_number(3, documents.size()) + average +
                              pb_bytes(8, "made by a test"));
  for (const auto& [term, postings] : lists) {
    std::string message = pb_bytes(1, term) + pb_number(2, postings.size()) + pb_number(3, 99);
    std::uint32_t before = 0;
    for (const auto& [doc, weight] : postings) {
      message += pb_bytes(4, pb_number(1, doc - before) + pb_number(2, weight));
      before = doc;
    }
    out += delimited(message);
  }
  for (std::uint32_t doc = 0; doc < documents.size(); ++doc) {
    // proto3 leaves out zeros
    out += delimited((doc == 0 ? "" : pb_number(1, doc)) + pb_bytes(2, documents[doc].first) + pb_number(3, 7));
  }
  return out;
}

inline std::string json_image(const Collection& documents) {
  std::string out;
  for (const auto& [id, terms] : documents) {
    out += "{\"id\": \"" + id + "\", \"contents\": \"…\", \"vector\": {";
    bool first = true;
    for (const auto& [term, weight] : terms) {
      out += (first ? "\"" : ", \"") + term + "\": " + std::to_string(weight);
      first = false;
    }
    out += "}}\n";
  }
  return out;
}

}  // namespace tamis::sparse
