#include "checksum.h"

#include <openssl/evp.h>
#include <tamis/base/file.h>

#include <memory>
#include <span>

namespace tamis::models {
namespace {

struct Closer {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

Result<std::string> digest(const EVP_MD* kind, std::string_view before, std::span<const std::byte> bytes) {
  const std::unique_ptr<EVP_MD_CTX, Closer> context(EVP_MD_CTX_new());
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const bool done = context && EVP_DigestInit_ex(context.get(), kind, nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), before.data(), before.size()) == 1 &&
                    EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), out, &size) == 1;
  if (!done) return Error{Code::kIo, "the library for checksums failed"};
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += kDigits[out[i] >> 4];
    text += kDigits[out[i] & 15];
  }
  return text;
}

}  // namespace

Result<std::string> file_sha256(const std::filesystem::path& path) {
  TAMIS_TRY(const auto file, MappedFile::open(path));
  return digest(EVP_sha256(), {}, file.bytes());
}

Result<std::string> file_git_id(const std::filesystem::path& path) {
  TAMIS_TRY(const auto file, MappedFile::open(path));
  std::string before = "blob " + std::to_string(file.bytes().size());
  before += '\0';
  return digest(EVP_sha1(), before, file.bytes());
}

}  // namespace tamis::models
