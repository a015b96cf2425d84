#include <tamis/sparse/vector_files.h>

#include <array>
#include <new>
#include <string_view>

#include "vector_file_formats.h"

namespace tamis::sparse {
namespace {

/// A zip file begins so; NumPy's .npz is one.
constexpr std::string_view kZipMagic = "PK\x03\x04";

bool looks_like_zip(const InputFile& file) {
  std::array<char, kZipMagic.size()> head{};
  const auto got = file.read_some(0, head);
  return got && *got == head.size() && std::string_view(head.data(), head.size()) == kZipMagic;
}

/// The name's ending decides; then the content: CSR's header gives the file's size, a zip file and JSON have their
/// first bytes, Seismic's layout has lawful vectors.
Result<VectorFormat> recognise(const std::filesystem::path& path, const InputFile& file) {
  const std::string ending = path.extension().string();
  if (ending == ".jsonl" || ending == ".ndjson" || ending == ".json") return VectorFormat::kJsonLines;
  if (ending == ".csr") return VectorFormat::kCsr;
  if (ending == ".ciff") return VectorFormat::kCiff;
  if (ending == ".npz") return VectorFormat::kNpz;
  if (!file.is_regular()) return VectorFormat::kJsonLines;  // a pipe cannot be looked into
  if (looks_like_csr(file)) return VectorFormat::kCsr;
  if (looks_like_zip(file)) return VectorFormat::kNpz;
  if (looks_like_seismic(file)) return VectorFormat::kSeismic;
  Cursor cursor(file);
  while (true) {
    TAMIS_TRY(const auto next, cursor.byte());
    if (!next) return VectorFormat::kJsonLines;  // empty: no vectors
    if (*next == ' ' || *next == '\t' || *next == '\n' || *next == '\r') continue;
    if (*next == '{') return VectorFormat::kJsonLines;
    break;
  }
  return Error{Code::kUnsupported,
               "not a vector file by name or content (wanted JSON lines, CSR, CIFF, Seismic or NPZ: say which)"};
}

Status read_as(const std::filesystem::path& path, VectorFormat format, const VectorSink& sink) {
  TAMIS_TRY(const InputFile file, InputFile::open(path));
  if (format == VectorFormat::kAuto) {
    TAMIS_TRY(format, recognise(path, file));
  }
  if (format == VectorFormat::kJsonLines) return read_json_lines(file, sink);
  if (!file.is_regular()) return Error{Code::kUnsupported, "is not a plain file (only JSON lines can come by a pipe)"};
  if (format == VectorFormat::kCiff) return read_ciff(file, sink);
  std::filesystem::path ids = path;
  ids += ".ids";
  if (format == VectorFormat::kSeismic) return read_seismic(file, ids, sink);
  if (format == VectorFormat::kNpz) return read_npz(path, ids, sink);
  return read_csr(file, ids, sink);
}

}  // namespace

Status read_vector_file(const std::filesystem::path& path, VectorFormat format,
                        const std::function<Status(NamedVector&&)>& sink) {
  bool sink_failed = false;  // its errors are not about the file: they pass as they are
  const VectorSink watched = [&](NamedVector&& vector) {
    Status status = sink(std::move(vector));
    sink_failed = !status;
    return status;
  };
  try {
    Status status = read_as(path, format, watched);
    if (status || sink_failed) return status;
    return within(path.string(), std::move(status).error());
  } catch (const std::bad_alloc&) {
    return Error{Code::kExhausted, path.string() + ": out of memory"};
  }
}

}  // namespace tamis::sparse
