#include <tamis/base/check.h>
#include <tamis/sql/connection.h>

#include <limits>

#include "handles.h"

namespace tamis::sql {

Statement::Statement(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Statement::Statement(Statement&&) noexcept = default;
Statement& Statement::operator=(Statement&&) noexcept = default;
Statement::~Statement() = default;

Statement& Statement::bind(int index, std::int64_t value) {
  impl_->remember(sqlite3_bind_int64(impl_->statement.get(), index, value));
  return *this;
}

Statement& Statement::bind(int index, double value) {
  impl_->remember(sqlite3_bind_double(impl_->statement.get(), index, value));
  return *this;
}

Statement& Statement::bind(int index, std::string_view value) {
  const char* data = value.data() == nullptr ? "" : value.data();  // a null pointer would bind NULL
  impl_->remember(
      sqlite3_bind_text64(impl_->statement.get(), index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(int index, std::span<const std::byte> value) {
  const void* data = value.empty() ? static_cast<const void*>("") : value.data();
  impl_->remember(sqlite3_bind_blob64(impl_->statement.get(), index, data, value.size(), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind_null(int index) {
  impl_->remember(sqlite3_bind_null(impl_->statement.get(), index));
  return *this;
}

Result<bool> Statement::step() {
  if (impl_->bind_error != SQLITE_OK) return impl_->error("binding a value", impl_->bind_error);
  const int code = sqlite3_step(impl_->statement.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return impl_->error(sqlite3_sql(impl_->statement.get()), code);
}

Status Statement::run() {
  for (;;) {
    auto row = step();
    if (!row || !*row) reset();
    if (!row) return std::move(row).error();
    if (!*row) return ok();
  }
}

void Statement::reset() {
  sqlite3_reset(impl_->statement.get());  // repeats the error of the last step, which was reported there
  impl_->bind_error = SQLITE_OK;
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(impl_->statement.get(), column); }
double Statement::real(int column) const { return sqlite3_column_double(impl_->statement.get(), column); }

std::string_view Statement::text(int column) const {
  const auto* data = sqlite3_column_text(impl_->statement.get(), column);
  const int bytes = sqlite3_column_bytes(impl_->statement.get(), column);
  return data == nullptr ? std::string_view()
                         : std::string_view(reinterpret_cast<const char*>(data), static_cast<std::size_t>(bytes));
}

std::span<const std::byte> Statement::blob(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(impl_->statement.get(), column));
  const int bytes = sqlite3_column_bytes(impl_->statement.get(), column);
  return data == nullptr ? std::span<const std::byte>() : std::span(data, static_cast<std::size_t>(bytes));
}

bool Statement::is_null(int column) const { return sqlite3_column_type(impl_->statement.get(), column) == SQLITE_NULL; }

}  // namespace tamis::sql
