#pragma once

#include <tamis/index/field_builder.h>

#include <bit>
#include <concepts>
#include <string>

namespace tamis::index {

/// The "meta" section of a field file: one flat JSON object.
struct FieldMeta {
  std::string name;
  std::string fingerprint;
  std::uint32_t ceiling_bits = 0;  ///< the float's bits, so that the scale is read back exactly
  std::uint32_t bits = 8;
  std::uint64_t num_passages = 0;
  std::uint64_t num_terms = 0;
  std::uint64_t num_postings = 0;
  std::uint64_t num_clipped = 0;

  [[nodiscard]] FieldConfig field_config() const {
    return {name, fingerprint, {std::bit_cast<float>(ceiling_bits), bits}};
  }
  [[nodiscard]] Status validate() const { return field_config().scale.validate(); }
};
template <class Config, class Visitor>
requires std::same_as<std::remove_const_t<Config>, FieldMeta>
void visit_fields(Config& config, Visitor&& field) {
  field("name", config.name, "of the field");
  field("fingerprint", config.fingerprint, "of the encoder");
  field("ceiling_bits", config.ceiling_bits, "largest weight, as the bits of a float");
  field("bits", config.bits, "bits a stored level, 8 or 16");
  field("num_passages", config.num_passages, "passages");
  field("num_terms", config.num_terms, "distinct terms");
  field("num_postings", config.num_postings, "postings");
  field("num_clipped", config.num_clipped, "weights that were above the ceiling");
}

}  // namespace tamis::index
