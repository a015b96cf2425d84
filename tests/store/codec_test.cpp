#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>

#include "compare.h"
#include "metadata_codec.h"
#include "passage_codec.h"
#include "world.h"

namespace tamis::store {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

PassageRow extreme_passage(std::mt19937& rng, PassageId id) {
  const std::uint32_t values[] = {0, 1, 127, 128, 0x7FFFFFFF, 0xFFFFFFFF, static_cast<std::uint32_t>(rng())};
  const auto any = [&] { return values[rng() % 7]; };
  PassageRow row;
  row.id = id;
  row.begin = any();
  row.end = any();
  row.origin = any();
  row.language = static_cast<std::uint8_t>(any());
  row.length = any();
  row.heading = std::string(rng() % 3 * (rng() % 400), 'h') + std::to_string(rng() % 3);
  return row;
}

TEST(PassageCodec, any_passages_come_back) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    std::vector<PassageRow> rows;
    const PassageId first = seed % 2 == 0 ? 0 : std::numeric_limits<std::int64_t>::max() - 20;
    for (auto i = rng() % 6; i > 0; --i) rows.push_back(extreme_passage(rng, first + rows.size()));
    std::string packed;
    pack_passages(rows, packed);
    const auto count = static_cast<std::uint32_t>(rows.size());
    ASSERT_TRUE(test::same(unpack_passages(bytes_of(packed), first, count).value(), rows)) << "seed=" << seed;
    EXPECT_FALSE(unpack_passages(bytes_of(packed), first, count + 1)) << "seed=" << seed;
    if (count > 0) {
      EXPECT_FALSE(unpack_passages(bytes_of(packed), first, count - 1)) << "seed=" << seed;
      packed.pop_back();
      EXPECT_FALSE(unpack_passages(bytes_of(packed), first, count)) << "seed=" << seed;
    }
  }
}

TEST(MetadataCodec, any_fields_come_back_bit_by_bit) {
  const double kNumbers[] = {
      0.0, -0.0, 1.5, -1e300, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()};
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    std::vector<NumberedField> fields;
    std::string packed;
    for (auto i = rng() % 5; i > 0; --i) {
      NumberedField field{static_cast<std::int64_t>(rng() % 300), std::string(rng() % 300, 'x')};
      if (rng() % 3 == 0) field.value = kNumbers[rng() % 6];
      if (rng() % 3 == 0) field.value = docs::Date{static_cast<std::int64_t>(rng())};
      if (rng() % 9 == 0) field.value = docs::Date{std::numeric_limits<std::int64_t>::min()};
      pack_field(field.field, field.value, packed);
      fields.push_back(field);
    }
    const auto seen = unpack_metadata(bytes_of(packed)).value();
    ASSERT_EQ(seen.size(), fields.size());
    for (std::size_t i = 0; i < seen.size(); ++i) {
      EXPECT_EQ(seen[i].field, fields[i].field);
      ASSERT_EQ(seen[i].value.index(), fields[i].value.index());
      if (const auto* number = std::get_if<double>(&seen[i].value)) {
        EXPECT_EQ(std::bit_cast<std::uint64_t>(*number), std::bit_cast<std::uint64_t>(std::get<1>(fields[i].value)));
      } else {
        EXPECT_EQ(seen[i].value, fields[i].value) << "seed=" << seed;
      }
    }
  }
}

TEST(Codecs, hostile_bytes_are_an_error_or_rows_within_limits) {
  for (std::uint32_t seed = 0; seed < 20000; ++seed) {
    std::mt19937 rng(seed);
    std::string bytes(rng() % 40, ' ');
    for (auto& c : bytes) c = static_cast<char>(rng() % 3 == 0 ? 0x80 | rng() : rng() % 12);
    const auto rows = unpack_passages(bytes_of(bytes), rng() % 5, static_cast<std::uint32_t>(rng() % 5));
    if (rows) {
      for (const auto& row : *rows) EXPECT_LE(row.heading.size(), kMaxHeadingBytes);
    }
    const auto fields = unpack_metadata(bytes_of(bytes));
    if (fields) {
      EXPECT_LE(fields->size(), bytes.size() / 3) << "seed=" << seed;
    }
  }
  EXPECT_FALSE(unpack_passages({}, 0, 0xFFFFFFFF)) << "a large count must not be believed";
}

}  // namespace
}  // namespace tamis::store
