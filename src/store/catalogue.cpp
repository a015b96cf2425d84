#include <fmt/format.h>
#include <tamis/base/file.h>
#include <tamis/store/catalogue.h>

#include <system_error>

#include "catalogue_impl.h"
#include "schema.h"

namespace tamis::store {

std::string DocumentRow::external_id() const { return item.empty() ? path : item; }

std::string Generation::setting(std::string_view wanted) const {
  for (const auto& [key, value] : settings) {
    if (key == wanted) return value;
  }
  return {};
}

Result<Query> Catalogue::Impl::use(const char* literal) const {
  auto found = statements.find(literal);
  if (found == statements.end()) {
    TAMIS_TRY(auto prepared, connection.prepare(literal));
    found = statements.emplace(literal, std::move(prepared)).first;
  }
  return Query(&found->second);
}

Result<std::int64_t> Catalogue::Impl::counter(std::string_view name) const {
  TAMIS_TRY(auto query, use("SELECT value FROM counters WHERE name = ?1"));
  query->bind(1, name);
  TAMIS_TRY(const bool row, query->step());
  if (!row) return corrupt(fmt::format("the counter '{}' is missing", name));
  return query->integer(0);
}

Error Catalogue::Impl::corrupt(std::string_view why) const {
  return Error{Code::kCorrupt, fmt::format("{}: {}", path.string(), why)};
}

Result<View> View::begin(const Catalogue::Impl& impl) {
  if (impl.pinned) return View(std::nullopt);
  TAMIS_TRY(auto transaction, sql::Transaction::begin(impl.connection, false));
  return View(std::move(transaction));
}

Catalogue::Catalogue(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Catalogue::Catalogue(Catalogue&&) noexcept = default;
Catalogue& Catalogue::operator=(Catalogue&&) noexcept = default;
Catalogue::~Catalogue() = default;

Result<Catalogue> Catalogue::create(const std::filesystem::path& path) {
  // Built beside its place and moved there whole: a process killed here leaves no half-made catalogue.
  std::filesystem::path temporary = path;
  temporary += ".new";
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    return Error{Code::kInvalidArgument, fmt::format("{}: there is a catalogue already", path.string())};
  }
  for (const char* const suffix : {"", "-wal", "-shm", "-journal"}) {
    std::filesystem::remove(temporary.string() + suffix, error);
  }
  {
    TAMIS_TRY(const auto connection, sql::Connection::open(temporary, sql::OpenMode::kCreate));
    if (auto status = create_schema(connection); !status) return within(temporary.string(), std::move(status).error());
  }
  std::filesystem::rename(temporary, path, error);
  if (error) return Error{Code::kIo, fmt::format("{}: {}", path.string(), error.message())};
  TAMIS_TRY_OK(sync_folder(path.has_parent_path() ? path.parent_path() : "."));
  return open(path, true);
}

Result<Catalogue> Catalogue::open(const std::filesystem::path& path, bool writable) {
  const auto mode = writable ? sql::OpenMode::kReadWrite : sql::OpenMode::kReadOnly;
  TAMIS_TRY(auto connection, sql::Connection::open(path, mode));
  if (auto status = check_schema(connection); !status) return within(path.string(), std::move(status).error());
  auto impl = std::make_unique<Impl>(std::move(connection));
  impl->path = path;
  impl->writable = writable;
  return Catalogue(std::move(impl));
}

Status Catalogue::pin() {
  unpin();
  TAMIS_TRY_OK(impl_->connection.execute("BEGIN"));
  impl_->pinned = true;
  // A view begins with the first read, not with BEGIN.
  if (auto first = impl_->counter("generation"); !first) {
    unpin();
    return std::move(first).error();
  }
  return ok();
}

void Catalogue::unpin() {
  if (!impl_->pinned) return;
  impl_->pinned = false;
  static_cast<void>(impl_->connection.execute("ROLLBACK"));  // nothing was written; a view cannot fail to end
}

Result<PassageId> Catalogue::next_passage() const {
  TAMIS_TRY(const auto value, impl_->counter("next_passage"));
  return from_sql(value);
}

Result<DocumentId> Catalogue::next_document() const {
  TAMIS_TRY(const auto value, impl_->counter("next_document"));
  return from_sql(value);
}

Result<SegmentId> Catalogue::next_segment() const { return impl_->counter("next_segment"); }

}  // namespace tamis::store
