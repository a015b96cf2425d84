// Catalogues whose page checksums are right and whose pages are not: every question may fail, but no more.
#include <tamis/base/section_file.h>
#include <tamis/store/catalogue.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "answers.h"
#include "world.h"

using namespace tamis;
using namespace tamis::store;

namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kChecksumBytes = 8;

const std::string& scratch() {
  static const std::string path =
      (::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") + ("/tamis-catalogue-fuzz-" + std::to_string(::getpid()));
  return path;
}

const std::string& sound_image() {
  static const std::string image = [] {
    std::filesystem::remove(scratch());
    {
      test::Worlds worlds(5);
      test::Model model;
      auto catalogue = Catalogue::create(scratch()).value();
      for (int i = 0; i < 10; ++i) {
        const auto publication = worlds.publication(model);
        if (!catalogue.publish(publication)) std::abort();
        model.publish(publication);
      }
    }
    std::ifstream in(scratch(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }();
  return image;
}

/// Changes bytes as the input says (where: 3 bytes, what: 1 byte) and seals the pages that it touched.
std::string damage(std::span<const std::uint8_t> edits) {
  std::string image = sound_image();
  for (; edits.size() >= 4; edits = edits.subspan(4)) {
    const std::size_t where = (std::size_t{edits[0]} << 16 | std::size_t{edits[1]} << 8 | edits[2]) % image.size();
    image[where] = static_cast<char>(edits[3]);
    const std::size_t page = where / kPageBytes;
    const std::string_view body(image.data() + page * kPageBytes, kPageBytes - kChecksumBytes);
    const std::uint64_t checksum = hash_text(body, page + 1);
    std::memcpy(image.data() + page * kPageBytes + body.size(), &checksum, kChecksumBytes);
  }
  return image;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto image = damage(std::span(data, size));
  for (const char* const suffix : {"-wal", "-shm", "-journal"}) std::filesystem::remove(scratch() + suffix);
  std::ofstream(scratch(), std::ios::binary | std::ios::trunc)
      .write(image.data(), static_cast<std::streamsize>(image.size()));
  auto catalogue = Catalogue::open(scratch(), true);
  if (!catalogue) return 0;
  const auto answers = test::all_answers(*catalogue);
  if (catalogue->verify() && !answers) std::abort();
  Publication publication;
  publication.settings = {{"a", "b"}};
  publication.removed_documents = {3};
  static_cast<void>(catalogue->publish(publication).has_value());
  return 0;
}
