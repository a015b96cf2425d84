#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tamis/models/safetensors.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "checkpoint.h"

namespace tamis::models {
namespace {

namespace fs = std::filesystem;

std::string message_of(const fs::path& file) {
  const auto opened = Safetensors::open(file);
  return opened ? std::string() : opened.error().message;
}

/// What is wrong with a file of this header and this much data.
std::string complaint(std::string_view header, std::size_t data_bytes) {
  const Folder folder;
  const auto file = folder.write("a.safetensors", safetensors_image(header, std::string(data_bytes, '\0')));
  const auto message = message_of(file);
  EXPECT_TRUE(message.empty() || message.starts_with(file.string())) << message;
  return message.empty() ? message : message.substr(file.string().size() + 2);
}

std::vector<float> values_of(const Safetensors& file, std::string_view name) {
  const auto* tensor = file.find(name);
  std::vector<float> out(tensor->num_values());
  read_weights(*tensor, out).value();
  return out;
}

TEST(Safetensors, gives_back_what_was_written_in_any_order_and_alignment) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    std::string header = "{\"__metadata__\":{\"format\":\"pt\"}";
    std::string data;
    std::vector<std::vector<float>> wanted;
    for (std::size_t i = 0; i < rng() % 6; ++i) {
      const std::size_t rows = rng() % 5;
      const std::size_t cols = 1 + rng() % 5;
      std::vector<float> values(rows * cols);
      for (auto& value : values) value = static_cast<float>(static_cast<int>(rng() % 2000) - 1000) / 8.0F;
      const bool bf16 = rng() % 2 == 0;
      for (auto& value : values) {
        if (bf16) value = std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & 0xffff0000U);
      }
      const std::size_t begin = data.size();
      if (bf16) {
        for (const float value : values) {
          const auto bits = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16);
          data.append(reinterpret_cast<const char*>(&bits), sizeof bits);
        }
      } else {
        data += bytes_of(values);
      }
      header += fmt::format(",\"t{}\":{{\"dtype\":\"{}\",\"shape\":[{},{}],\"data_offsets\":[{},{}]}}", i,
                            bf16 ? "BF16" : "F32", rows, cols, begin, data.size());
      wanted.push_back(values);
    }
    header += "}" + std::string(rng() % 9, ' ');
    const Folder folder;
    const auto file = Safetensors::open(folder.write("a.safetensors", safetensors_image(header, data))).value();
    ASSERT_EQ(file.tensors().size(), wanted.size()) << "seed=" << seed;
    EXPECT_EQ(file.num_bytes(), data.size()) << "seed=" << seed;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_EQ(values_of(file, fmt::format("t{}", i)), wanted[i]) << "seed=" << seed;
    }
  }
}

TEST(Safetensors, reads_every_half_float_exactly) {
  std::string data;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    data.append(reinterpret_cast<const char*>(&half), sizeof half);
  }
  std::vector<float> values(65536);
  widen(DType::kF16, reinterpret_cast<const std::byte*>(data.data()), values);
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const int exponent = static_cast<int>((bits >> 10) & 31U);
    const int mantissa = static_cast<int>(bits & 1023U);
    double wanted = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
    if (exponent == 31) wanted = mantissa == 0 ? std::numeric_limits<double>::infinity() : std::nan("");
    if ((bits & 0x8000U) != 0) wanted = -wanted;
    const auto seen = static_cast<double>(values[bits]);
    EXPECT_TRUE(std::isnan(wanted) ? std::isnan(seen) : seen == wanted) << bits << ": " << seen << " for " << wanted;
  }
}

TEST(Safetensors, a_file_cut_anywhere_is_an_error) {
  const std::string image = read_all(fs::path(TAMIS_FIXTURES) / "bert/model.safetensors");
  const Folder folder;
  for (std::size_t size = 0; size < image.size(); size += size < 200 ? 1 : 37) {
    const auto file = folder.write("cut.safetensors", std::string_view(image).substr(0, size));
    EXPECT_FALSE(Safetensors::open(file)) << size;
  }
  EXPECT_TRUE(Safetensors::open(folder.write("whole.safetensors", image)));
  EXPECT_FALSE(Safetensors::open(folder.write("longer.safetensors", image + "x")));
}

TEST(Safetensors, a_flipped_bit_of_the_header_never_reads_outside_the_file) {
  const std::string image = read_all(fs::path(TAMIS_FIXTURES) / "distilbert-f16/model.safetensors");
  std::uint64_t header = 0;
  std::memcpy(&header, image.data(), sizeof header);
  const Folder folder;
  std::size_t refused = 0;
  for (std::size_t at = 0; at < sizeof header + header; at += 3) {
    std::string damaged = image;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 7)));
    const auto file = Safetensors::open(folder.write("damaged.safetensors", damaged));
    refused += file ? 0 : 1;
    if (!file) continue;
    for (const auto& tensor : file->tensors()) {
      if (tensor.dtype == DType::kOther) continue;
      std::vector<float> values(tensor.num_values());
      static_cast<void>(read_weights(tensor, values));
    }
  }
  EXPECT_GT(refused, header / 9);
}

TEST(Safetensors, says_what_is_wrong_with_a_header) {
  const auto one = [](std::string_view dtype, std::string_view shape, std::string_view offsets) {
    return fmt::format("{{\"t\":{{\"dtype\":\"{}\",\"shape\":{},\"data_offsets\":{}}}}}", dtype, shape, offsets);
  };
  EXPECT_EQ(complaint(one("F32", "[2,3]", "[0,24]"), 24), "");
  EXPECT_EQ(complaint(one("F32", "[2,3]", "[0,20]"), 20), "t: 20 bytes for F32 [2, 3] (wanted 24)");
  EXPECT_EQ(complaint(one("F32", "[2,3]", "[0,24]"), 20), "t: bytes 0 to 24 of 20 that the file has");
  EXPECT_EQ(complaint(one("F32", "[2,3]", "[24,0]"), 24), "t: bytes 24 to 0 of 24 that the file has");
  EXPECT_EQ(complaint(one("F32", "[2,3]", "[0,24]"), 25), "1 bytes at the end belong to no tensor");
  EXPECT_EQ(complaint(one("F32", "[2,3]", "[1,25]"), 25), "t: 1 bytes before it belong to no tensor");
  EXPECT_EQ(complaint(one("F32", "[4294967296,4294967296]", "[0,0]"), 0),
            "t: a shape of [4294967296, 4294967296] has more bytes than there are numbers");
  EXPECT_EQ(complaint(one("F32", "[-1]", "[0,4]"), 4), "t: a dimension is no whole number");
  EXPECT_EQ(complaint(one("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]"), 4), "t: 9 dimensions (wanted at most 8)");
  EXPECT_EQ(complaint("{\"t\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4), "t: no \"dtype\"");
  EXPECT_EQ(complaint("{\"t\":7}", 4), "t: no \"dtype\"");
  EXPECT_EQ(complaint("[]", 0), "the header is no JSON object");
  EXPECT_EQ(complaint("{\"t\":{},\"t\":{}}", 0), "header: the key \"t\" is there twice");
  EXPECT_NE(complaint("{", 0).find("not JSON"), std::string::npos);
  EXPECT_NE(complaint(std::string(100, '['), 0).find("not JSON"), std::string::npos);
  const std::string shared =
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
      "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}";
  EXPECT_EQ(complaint(shared, 12), "b: shares bytes with another tensor");
}

TEST(Safetensors, a_length_that_lies_is_not_believed) {
  const Folder folder;
  std::string image = safetensors_image("{}", "");
  for (const std::uint64_t lie : {3ULL, 1ULL << 30, 1ULL << 40, ~0ULL}) {
    std::memcpy(image.data(), &lie, sizeof lie);
    const auto message = message_of(folder.write("lie.safetensors", image));
    EXPECT_NE(message.find("cut short, or no safetensors file"), std::string::npos) << message;
  }
  EXPECT_NE(message_of(folder.write("empty.safetensors", "")).find("0 bytes are no safetensors file"),
            std::string::npos);
  EXPECT_EQ(Safetensors::open(folder.path() / "none.safetensors").error().code, Code::kNotFound);
}

TEST(Safetensors, other_types_are_named_when_they_are_asked_for) {
  const Folder folder;
  const std::string header =
      "{\"ids\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
      "\"new\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[8,10]}}";
  const auto file = Safetensors::open(folder.write("a", safetensors_image(header, std::string(10, '\0')))).value();
  const std::uint64_t one[] = {1};
  const std::uint64_t three[] = {3};
  EXPECT_EQ(file.get("ids", one).error().message, "ids: stored as I64 (wanted F32, F16 or BF16)");
  EXPECT_EQ(file.get("new", three).error().message, "new: stored as F4 (wanted F32, F16 or BF16)");
  EXPECT_EQ(file.get("new", one).error().message, "new: has the shape [3] (wanted [1])");
  EXPECT_EQ(file.get("none", one).error().message, "none: missing among 2 tensors");
}

TEST(Safetensors, a_weight_that_is_no_number_is_found_wherever_it_stands) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 rng(seed);
    const std::size_t rows = 1 + rng() % 150;
    const std::size_t cols = 1 + rng() % 150;
    std::vector<float> values(rows * cols, 0.5F);
    const std::size_t at = rng() % values.size();
    const bool nan = rng() % 2 == 0;
    values[at] = nan ? std::nanf("") : -std::numeric_limits<float>::infinity();
    const std::string header = fmt::format("{{\"t\":{{\"dtype\":\"F32\",\"shape\":[{},{}],\"data_offsets\":[0,{}]}}}}",
                                           rows, cols, values.size() * 4);
    const Folder folder;
    const auto file = Safetensors::open(folder.write("a", safetensors_image(header, bytes_of(values)))).value();
    const std::string wanted = fmt::format("t: the weight at [{}, {}] is {} (wanted a finite number)", at / cols,
                                           at % cols, nan ? "NaN" : "infinite");
    EXPECT_EQ(check_finite(*file.find("t")).error().message, wanted) << "seed=" << seed;
    EXPECT_EQ(read_weights(*file.find("t"), values).error().message, wanted) << "seed=" << seed;
  }
}

/// A tensor of several pieces, and not a whole number of them.
TEST(Safetensors, a_large_tensor_is_read_whole_and_its_stored_bytes_are_those_of_the_file) {
  for (const std::string_view dtype : {"F32", "F16", "BF16"}) {
    const std::size_t count = 70'001, item = dtype == "F32" ? 4 : 2;
    std::string data(count * item, '\0');
    std::mt19937 rng(static_cast<std::uint32_t>(item));
    for (auto& byte : data) byte = static_cast<char>(rng() & 0x37U);  // no exponent of ones only
    const Folder folder;
    const auto header =
        fmt::format("{{\"t\":{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[0,{}]}}}}", dtype, count, data.size());
    const auto file = Safetensors::open(folder.write("a", safetensors_image(header, data))).value();
    const auto& tensor = file.tensors()[0];
    std::string stored(data.size(), '\0');
    read_stored(tensor, std::as_writable_bytes(std::span(stored))).value();
    EXPECT_EQ(stored, data) << dtype;
    std::vector<float> wanted(count);
    widen(tensor.dtype, reinterpret_cast<const std::byte*>(data.data()), wanted);
    EXPECT_EQ(values_of(file, "t"), wanted) << dtype;
    check_finite(tensor).value();
  }
}

TEST(Safetensors, a_file_that_is_cut_short_while_it_is_open_is_an_error) {
  const Folder folder;
  const auto path = folder.path() / "model.safetensors";
  const std::string image = read_all(fs::path(TAMIS_FIXTURES) / "bert/model.safetensors");
  for (std::size_t size = 0; size < image.size(); size += 1009) {
    folder.write("model.safetensors", image);
    const auto file = Safetensors::open(path).value();
    fs::resize_file(path, size);
    std::size_t unreadable = 0;
    for (const auto& tensor : file.tensors()) {
      std::vector<float> values(tensor.num_values());
      const auto status = read_weights(tensor, values);
      EXPECT_EQ(status.has_value(), tensor.begin + tensor.num_bytes <= size) << tensor.name << " of " << size;
      if (status) continue;
      ++unreadable;
      EXPECT_EQ(status.error().code, Code::kCorrupt);
      EXPECT_TRUE(status.error().message.starts_with(path.string() + ": ends at byte ")) << status.error().message;
    }
    EXPECT_GT(unreadable, 0U) << size;
    EXPECT_EQ(file.fingerprint().error().code, Code::kCorrupt) << size;
  }
}

TEST(Safetensors, the_fingerprint_follows_names_and_values) {
  const auto fingerprint = [](std::string_view name, float value) {
    const Folder folder;
    const auto header = fmt::format("{{\"{}\":{{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}}}", name);
    return Safetensors::open(folder.write("a", safetensors_image(header, bytes_of({value}))))
        .value()
        .fingerprint()
        .value();
  };
  EXPECT_EQ(fingerprint("a", 1.0F), fingerprint("a", 1.0F));
  EXPECT_NE(fingerprint("a", 1.0F), fingerprint("b", 1.0F));
  EXPECT_NE(fingerprint("a", 1.0F), fingerprint("a", 1.0000001F));
}

// Shards

class Shards : public ::testing::Test {
 protected:
  Shards() { copy_fixture("xlm-roberta-bf16-sharded", folder_.path()); }
  std::string complaint() const {
    const auto opened = Safetensors::open_folder(folder_.path());
    return opened ? std::string() : opened.error().message;
  }
  std::string index() const { return read_all(folder_.path() / "model.safetensors.index.json"); }
  void write_index(std::string_view text) const { folder_.write("model.safetensors.index.json", text); }
  Folder folder_;
};

TEST_F(Shards, are_one_set_of_tensors) {
  const auto file = Safetensors::open_folder(folder_.path()).value();
  EXPECT_GT(file.tensors().size(), 30U);
  EXPECT_NE(file.find("roberta.embeddings.word_embeddings.weight"), nullptr);
  EXPECT_TRUE(std::is_sorted(file.tensors().begin(), file.tensors().end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
}

TEST_F(Shards, a_missing_or_foreign_shard_is_an_error) {
  fs::copy_file(folder_.path() / "model-00002-of-00003.safetensors",
                folder_.path() / "model-00001-of-00003.safetensors", fs::copy_options::overwrite_existing);
  EXPECT_NE(complaint().find("model.safetensors.index.json: "), std::string::npos) << complaint();
  fs::remove(folder_.path() / "model-00001-of-00003.safetensors");
  EXPECT_NE(complaint().find("model-00001-of-00003.safetensors"), std::string::npos) << complaint();
}

TEST_F(Shards, an_index_leads_nowhere_else) {
  for (const std::string name : {"../a", "/etc/passwd", "a/b", "..", ".", ""}) {
    write_index("{\"weight_map\":{\"t\":\"" + name + "\"}}");
    EXPECT_NE(complaint().find("is no name of a shard"), std::string::npos) << complaint();
  }
  write_index("{}");
  EXPECT_NE(complaint().find("no \"weight_map\""), std::string::npos) << complaint();
}

TEST(Folder, other_weight_formats_are_named) {
  const Folder folder;
  EXPECT_EQ(Safetensors::open_folder(folder.path()).error().code, Code::kNotFound);
  folder.write("pytorch_model.bin", "x");
  const auto error = Safetensors::open_folder(folder.path()).error();
  EXPECT_EQ(error.code, Code::kUnsupported);
  EXPECT_NE(error.message.find("the weights are in pytorch_model.bin"), std::string::npos);
}

}  // namespace
}  // namespace tamis::models
