#include "section_format.h"

namespace tamis {

namespace detail {
std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept { return XXH64(bytes.data(), bytes.size(), 0); }

std::uint64_t header_checksum(const FileHeader& header) noexcept {
  return checksum_of(std::as_bytes(std::span(&header, 1)).first(offsetof(FileHeader, checksum)));
}

std::uint64_t footer_checksum(const FileFooter& footer) noexcept {
  return checksum_of(std::as_bytes(std::span(&footer, 1)).first(offsetof(FileFooter, checksum)));
}

}  // namespace detail

std::uint64_t hash_bytes(std::span<const std::byte> bytes, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

struct Hasher::State {
  XXH3_state_t hash;
};

Hasher::Hasher(std::uint64_t seed) : state_(std::make_unique<State>()) {
  XXH3_64bits_reset_withSeed(&state_->hash, seed);
}
Hasher::~Hasher() = default;
void Hasher::add(std::span<const std::byte> bytes) noexcept {
  if (!bytes.empty()) XXH3_64bits_update(&state_->hash, bytes.data(), bytes.size());
}
std::uint64_t Hasher::value() const noexcept { return XXH3_64bits_digest(&state_->hash); }

}  // namespace tamis
