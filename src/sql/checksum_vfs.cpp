#include "checksum_vfs.h"

#include <sqlite3.h>
#include <tamis/base/section_file.h>

#include <array>
#include <bit>
#include <cstring>

namespace tamis::sql {

std::uint64_t page_checksum(std::span<const std::byte> page, std::uint64_t number) noexcept {
  return hash_bytes(page.first(page.size() - kChecksumBytes), number);
}

namespace {

constexpr std::size_t kSmallestPage = 512;
constexpr std::size_t kLargestPage = 65536;

/// The file object that SQLite holds: ours in front, the operating system's behind it in the same allocation.
struct SealedFile {
  sqlite3_file base;
  sqlite3_file* real;
};

sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<SealedFile*>(file)->real; }

/// Pages are read and written whole and aligned; what is shorter is a look at the file header, which is checked as part
/// of page 1 before anything depends on it.
bool is_page(std::size_t size, sqlite3_int64 offset) {
  return size >= kSmallestPage && size <= kLargestPage && std::has_single_bit(size) &&
         offset % static_cast<sqlite3_int64>(size) == 0;
}

std::uint64_t page_number(std::size_t size, sqlite3_int64 offset) {
  return static_cast<std::uint64_t>(offset) / size + 1;
}

int sealed_close(sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); }

int sealed_read(sqlite3_file* file, void* buffer, int amount, sqlite3_int64 offset) {
  const int rc = real(file)->pMethods->xRead(real(file), buffer, amount, offset);
  const auto size = static_cast<std::size_t>(amount);
  if (!is_page(size, offset)) return rc;
  if (rc == SQLITE_IOERR_SHORT_READ) return SQLITE_IOERR_DATA;  // SQLite would read zeros here
  if (rc != SQLITE_OK) return rc;
  const std::span page(static_cast<const std::byte*>(buffer), size);
  std::uint64_t stored = 0;
  std::memcpy(&stored, page.data() + size - kChecksumBytes, kChecksumBytes);
  return stored == page_checksum(page, page_number(size, offset)) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

int sealed_write(sqlite3_file* file, const void* buffer, int amount, sqlite3_int64 offset) {
  const auto size = static_cast<std::size_t>(amount);
  if (!is_page(size, offset)) return real(file)->pMethods->xWrite(real(file), buffer, amount, offset);
  std::array<std::byte, kLargestPage> page;  // NOLINT(*-member-init): only `size` bytes are used
  std::memcpy(page.data(), buffer, size - kChecksumBytes);
  const std::uint64_t checksum = page_checksum({page.data(), size}, page_number(size, offset));
  std::memcpy(page.data() + size - kChecksumBytes, &checksum, kChecksumBytes);
  return real(file)->pMethods->xWrite(real(file), page.data(), amount, offset);
}

// Everything else is the operating system's file, unchanged.
int sealed_truncate(sqlite3_file* f, sqlite3_int64 size) { return real(f)->pMethods->xTruncate(real(f), size); }
int sealed_sync(sqlite3_file* f, int flags) { return real(f)->pMethods->xSync(real(f), flags); }
int sealed_size(sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); }
int sealed_lock(sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); }
int sealed_unlock(sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); }
int sealed_reserved(sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); }
int sealed_control(sqlite3_file* f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); }
int sealed_sector(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
int sealed_device(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
int sealed_shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}
int sealed_shm_lock(sqlite3_file* f, int at, int n, int flags) {
  return real(f)->pMethods->xShmLock(real(f), at, n, flags);
}
void sealed_shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
int sealed_shm_unmap(sqlite3_file* f, int erase) { return real(f)->pMethods->xShmUnmap(real(f), erase); }

// Version 2 has shared memory (the write-ahead log needs it) and no memory-mapped reads, which could not be checked.
constexpr sqlite3_io_methods kSealedMethods = {2,
                                               sealed_close,
                                               sealed_read,
                                               sealed_write,
                                               sealed_truncate,
                                               sealed_sync,
                                               sealed_size,
                                               sealed_lock,
                                               sealed_unlock,
                                               sealed_reserved,
                                               sealed_control,
                                               sealed_sector,
                                               sealed_device,
                                               sealed_shm_map,
                                               sealed_shm_lock,
                                               sealed_shm_barrier,
                                               sealed_shm_unmap,
                                               nullptr,
                                               nullptr};

sqlite3_vfs* system(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

/// Wraps database files; the write-ahead log and temporary files are the system's own.
int vfs_open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0) return system(vfs)->xOpen(system(vfs), name, file, flags, out_flags);
  auto* sealed = reinterpret_cast<SealedFile*>(file);
  sealed->base.pMethods = nullptr;  // tells SQLite not to close it when opening fails
  sealed->real = reinterpret_cast<sqlite3_file*>(sealed + 1);
  const int rc = system(vfs)->xOpen(system(vfs), name, sealed->real, flags, out_flags);
  if (sealed->real->pMethods != nullptr) sealed->base.pMethods = &kSealedMethods;
  return rc;
}
int vfs_delete(sqlite3_vfs* v, const char* name, int sync) { return system(v)->xDelete(system(v), name, sync); }
int vfs_access(sqlite3_vfs* v, const char* name, int flags, int* out) {
  return system(v)->xAccess(system(v), name, flags, out);
}
int vfs_full_path(sqlite3_vfs* v, const char* name, int size, char* out) {
  return system(v)->xFullPathname(system(v), name, size, out);
}
int vfs_randomness(sqlite3_vfs* v, int size, char* out) { return system(v)->xRandomness(system(v), size, out); }
int vfs_sleep(sqlite3_vfs* v, int microseconds) { return system(v)->xSleep(system(v), microseconds); }
int vfs_time(sqlite3_vfs* v, double* out) { return system(v)->xCurrentTime(system(v), out); }
int vfs_last_error(sqlite3_vfs* v, int size, char* out) { return system(v)->xGetLastError(system(v), size, out); }
int vfs_time64(sqlite3_vfs* v, sqlite3_int64* out) { return system(v)->xCurrentTimeInt64(system(v), out); }

sqlite3_vfs make_vfs(sqlite3_vfs* base) {
  sqlite3_vfs vfs{};
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(SealedFile)) + base->szOsFile;
  vfs.mxPathname = base->mxPathname;
  vfs.zName = "tamis-sealed";
  vfs.pAppData = base;
  vfs.xOpen = vfs_open;
  vfs.xDelete = vfs_delete;
  vfs.xAccess = vfs_access;
  vfs.xFullPathname = vfs_full_path;
  vfs.xRandomness = vfs_randomness;
  vfs.xSleep = vfs_sleep;
  vfs.xCurrentTime = vfs_time;
  vfs.xGetLastError = vfs_last_error;
  vfs.xCurrentTimeInt64 = vfs_time64;  // no xDlOpen: extensions are never loaded
  return vfs;
}

}  // namespace

const char* checksum_vfs() noexcept {
  // SQLite keeps a pointer to the structure for the life of the process; it never changes after this line.
  static const char* const name = []() -> const char* {
    sqlite3_vfs* base = sqlite3_vfs_find(nullptr);
    if (base == nullptr || base->iVersion < 2) return nullptr;
    static sqlite3_vfs vfs = make_vfs(base);
    return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK ? vfs.zName : nullptr;
  }();
  return name;
}

}  // namespace tamis::sql
