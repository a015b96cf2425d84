#include <fmt/format.h>
#include <tamis/base/check.h>
#include <tamis/base/section_file.h>
#include <tamis/index/vocabulary.h>

#include <algorithm>
#include <bit>

namespace tamis::index {
namespace {

constexpr FileKind kVocabularyKind = {'V', 'O', 'C', '1'};
constexpr std::uint32_t kVocabularyVersion = 1;
constexpr std::size_t kMaxKeyBytes = 65535;

/// Linear probing over a power of two of slots; a slot holds a term's number in the file plus one, 0 = free.
template <class KeyOf>
std::uint32_t probe(std::span<const std::uint32_t> slots, std::string_view key, KeyOf&& key_of) {
  if (slots.empty()) return 0;
  const std::size_t mask = slots.size() - 1;
  auto at = static_cast<std::size_t>(hash_text(key)) & mask;
  for (std::size_t tried = 0; tried <= mask; ++tried, at = (at + 1) & mask) {
    const std::uint32_t slot = slots[at];
    if (slot == 0) return 0;
    if (key_of(slot - 1) == key) return slot;
  }
  return 0;
}

void place(std::vector<std::uint32_t>& slots, std::string_view key, std::uint32_t number) {
  const std::size_t mask = slots.size() - 1;
  auto at = static_cast<std::size_t>(hash_text(key)) & mask;
  while (slots[at] != 0) at = (at + 1) & mask;
  slots[at] = number + 1;
}

Error corrupt(const SectionFile& file, std::string_view what) {
  return Error{Code::kCorrupt, fmt::format("{}: {}; build the index again", file.path().string(), what)};
}

}  // namespace

struct Vocabulary::File {
  explicit File(SectionFile section_file) : file(std::move(section_file)) {}
  SectionFile file;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::span<const std::uint64_t> offsets;  // [count + 1]
  std::span<const char> bytes;
  std::span<const std::uint32_t> slots;

  [[nodiscard]] std::string_view key(std::uint32_t number) const noexcept {
    return {bytes.data() + offsets[number], offsets[number + 1] - offsets[number]};
  }
};

Result<Vocabulary> Vocabulary::open(std::span<const std::filesystem::path> paths) {
  Vocabulary vocabulary;
  for (const auto& path : paths) {
    TAMIS_TRY(auto section_file, SectionFile::open(path, kVocabularyKind, kVocabularyVersion, kVocabularyVersion));
    auto file = std::make_shared<File>(std::move(section_file));
    // A term that cannot be found is a silent wrong answer, so everything is checked; a million terms take some ms.
    TAMIS_TRY_OK(file->file.verify());
    TAMIS_TRY(const auto range, file->file.array<std::uint32_t>("range"));
    TAMIS_TRY(file->offsets, file->file.array<std::uint64_t>("offsets"));
    TAMIS_TRY(file->bytes, file->file.array<char>("bytes"));
    TAMIS_TRY(file->slots, file->file.array<std::uint32_t>("slots"));
    if (range.size() != 2) return corrupt(file->file, "no range of terms");
    file->first = range[0];
    file->count = range[1];
    if (file->first != vocabulary.size()) {
      return corrupt(file->file, fmt::format("begins at term {} (wanted {})", file->first, vocabulary.size()));
    }
    if (file->offsets.size() != std::size_t{file->count} + 1 || file->offsets.front() != 0 ||
        file->offsets.back() != file->bytes.size() || !std::is_sorted(file->offsets.begin(), file->offsets.end())) {
      return corrupt(file->file, "terms do not follow each other");
    }
    if (!std::has_single_bit(file->slots.size()) || file->slots.size() <= file->count ||
        std::any_of(file->slots.begin(), file->slots.end(), [&](std::uint32_t s) { return s > file->count; })) {
      return corrupt(file->file, "hash table out of range");
    }
    vocabulary.files_.push_back(std::move(file));
  }
  return vocabulary;
}

std::uint32_t Vocabulary::size() const noexcept {
  return files_.empty() ? 0 : files_.back()->first + files_.back()->count;
}

std::optional<TermId> Vocabulary::find(std::string_view key) const noexcept {
  for (const auto& file : files_) {
    const auto slot = probe(file->slots, key, [&](std::uint32_t number) { return file->key(number); });
    if (slot != 0) return file->first + slot - 1;
  }
  return std::nullopt;
}

std::string_view Vocabulary::term(TermId id) const noexcept {
  TAMIS_CHECK(id < size(), "term id out of range");
  const auto after = std::upper_bound(files_.begin(), files_.end(), id,
                                      [](TermId wanted, const auto& file) { return wanted < file->first; });
  const auto& file = **(after - 1);
  return file.key(id - file.first);
}

Status Vocabulary::verify() const {
  for (const auto& file : files_) {
    TAMIS_TRY_OK(file->file.verify());
    for (std::uint32_t number = 0; number < file->count; ++number) {
      if (find(file->key(number)) != file->first + number) {
        return corrupt(file->file, fmt::format("term {} is not found under its own name", file->first + number));
      }
    }
  }
  return ok();
}

struct VocabularyWriter::Impl {
  Vocabulary base;
  std::vector<std::uint64_t> offsets{0};
  std::vector<char> bytes;
  std::vector<std::uint32_t> slots = std::vector<std::uint32_t>(1024, 0);

  [[nodiscard]] std::uint32_t num_new() const { return static_cast<std::uint32_t>(offsets.size() - 1); }
  [[nodiscard]] std::string_view key(std::uint32_t number) const {
    return {bytes.data() + offsets[number], offsets[number + 1] - offsets[number]};
  }
  void append(std::string_view text) {
    const auto number = num_new();
    bytes.insert(bytes.end(), text.begin(), text.end());
    offsets.push_back(bytes.size());
    if (std::size_t{number} * 2 + 2 > slots.size()) {
      slots.assign(slots.size() * 2, 0);
      for (std::uint32_t n = 0; n < number; ++n) place(slots, key(n), n);
    }
    place(slots, text, number);
  }
  [[nodiscard]] Status write(const std::filesystem::path& path, std::uint32_t first) const {
    TAMIS_TRY(auto writer, SectionWriter::create(path, kVocabularyKind, kVocabularyVersion));
    const std::uint32_t range[2] = {first, num_new()};
    TAMIS_TRY_OK(writer.add<std::uint32_t>("range", range));
    TAMIS_TRY_OK(writer.add<std::uint64_t>("offsets", offsets));
    TAMIS_TRY_OK(writer.add<char>("bytes", bytes));
    TAMIS_TRY_OK(writer.add<std::uint32_t>("slots", slots));
    return writer.finish();
  }
};

VocabularyWriter::VocabularyWriter(Vocabulary base) : impl_(std::make_unique<Impl>()) { impl_->base = std::move(base); }
VocabularyWriter::~VocabularyWriter() = default;
VocabularyWriter::VocabularyWriter(VocabularyWriter&&) noexcept = default;
VocabularyWriter& VocabularyWriter::operator=(VocabularyWriter&&) noexcept = default;

Result<TermId> VocabularyWriter::intern(std::string_view key) {
  if (const auto known = impl_->base.find(key)) return *known;
  const auto slot = probe(impl_->slots, key, [&](std::uint32_t number) { return impl_->key(number); });
  if (slot != 0) return impl_->base.size() + slot - 1;
  if (key.size() > kMaxKeyBytes) {
    return Error{Code::kInvalidArgument, fmt::format("term of {} bytes (at most {})", key.size(), kMaxKeyBytes)};
  }
  if (size() >= 0xFFFFFFFEU) return Error{Code::kExhausted, "vocabulary: no term number left"};
  const TermId id = size();
  impl_->append(key);
  return id;
}

std::uint32_t VocabularyWriter::size() const noexcept { return impl_->base.size() + impl_->num_new(); }
std::uint32_t VocabularyWriter::num_new() const noexcept { return impl_->num_new(); }

Result<bool> VocabularyWriter::write_new(const std::filesystem::path& path) const {
  if (impl_->num_new() == 0) return false;
  TAMIS_TRY_OK(impl_->write(path, impl_->base.size()));
  return true;
}

Status VocabularyWriter::write_all(const std::filesystem::path& path) const {
  Impl all;
  for (TermId id = 0; id < impl_->base.size(); ++id) all.append(impl_->base.term(id));
  for (std::uint32_t number = 0; number < impl_->num_new(); ++number) all.append(impl_->key(number));
  return all.write(path, 0);
}

}  // namespace tamis::index
