#include "base/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <limits>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace wasync {
namespace {

constexpr int kBusyTimeoutMs = 10'000;

constexpr Phrase kDamagedHint{
    "The file is damaged: restore it from a backup, or move it away and pair again.",
    "Fișierul este deteriorat: restaurează-l dintr-o copie sau mută-l și conectează din nou."};

CommitObserver commit_observer = nullptr;
StatementObserver statement_observer = nullptr;

// When a connection of this process last found its file locked by another writer.
std::atomic<std::int64_t> waited_at_ms{std::numeric_limits<std::int64_t>::min() / 2};

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

// SQLite's own handler waits longer and longer between its looks at the lock, and then misses
// the moments in which it is free.
int wait_for_lock(void* /*context*/, int looks) {
  if (looks >= kBusyTimeoutMs) return 0;
  waited_at_ms = steady_ms();
  sqlite3_sleep(1);
  return 1;
}

// What the schema does not take is no trouble of the file: to try again, or on another disk, ends
// the same way. What a trigger refuses, or what refers to something that is gone, may be right with
// other contents of the file.
ErrorCode code_of(int result) {
  if (result == SQLITE_CONSTRAINT_TRIGGER || result == SQLITE_CONSTRAINT_FOREIGNKEY)
    return ErrorCode::kStore;
  switch (result & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG: return ErrorCode::kInternal;
    default: return ErrorCode::kStore;
  }
}

constexpr Phrase kDescriptorsHint{
    "Too many files are open: raise the limit (LimitNOFILE= in the systemd unit, or ulimit -n).",
    "Sunt deschise prea multe fișiere: mărește limita (LimitNOFILE= în unitatea systemd sau ulimit "
    "-n)."};

// For SQLite that is one of many reasons why a file does not open.
bool lacks_descriptors(sqlite3* handle) {
  const int reason = handle != nullptr ? sqlite3_system_errno(handle) : 0;
  return (sqlite3_errcode(handle) & 0xff) == SQLITE_CANTOPEN &&
         (reason == EMFILE || reason == ENFILE);
}

std::string what_failed(sqlite3* handle) {
  if (handle == nullptr) return "out of memory";
  const std::string text = sqlite3_errmsg(handle);
  return lacks_descriptors(handle) ? text + ": " + std::generic_category().message(EMFILE) : text;
}

[[noreturn]] void fail(sqlite3* handle, Phrase doing) {
  const int code = handle != nullptr ? sqlite3_errcode(handle) : SQLITE_NOMEM;
  Phrase hint;
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: hint = kDamagedHint; break;
    case SQLITE_FULL:
      hint = {"The disk is full: free some space, then run the command again.",
              "Discul este plin: eliberează spațiu, apoi rulează din nou comanda."};
      break;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      hint = {
          "Check owner and permissions of the state directory, and that its file system is not "
          "mounted read-only.",
          "Verifică proprietarul și permisiunile directorului de stare și ca sistemul lui de "
          "fișiere să nu fie montat doar pentru citire."};
      break;
    case SQLITE_BUSY:
      hint = {"Another process writes to this account; try again.",
              "Alt proces scrie în acest cont; încearcă din nou."};
      break;
    default: break;
  }
  if (lacks_descriptors(handle)) hint = kDescriptorsHint;
  throw Error(code_of(code), Phrase{"{}: {}", "{}: {}"}.with(doing, what_failed(handle)), hint);
}

// SQLite would create the file with the umask's permissions; the mode is ours to decide.
void create_private(const std::filesystem::path& file) {
  const FileDescriptor created(::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
}

// Two connections that turn a new file into a WAL at once would deadlock, which SQLite
// answers with BUSY at once, without waiting; the second attempt finds the work done.
int switch_to_wal(sqlite3* handle) {
  constexpr int kPauseMs = 10;
  int result = SQLITE_BUSY;
  for (int waited_ms = 0; waited_ms < kBusyTimeoutMs; waited_ms += kPauseMs) {
    result = sqlite3_exec(handle, "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
    if ((result & 0xff) != SQLITE_BUSY) break;
    sqlite3_sleep(kPauseMs);
  }
  return result;
}

// A moment of the file for all reads of its connection.
class Snapshot {
 public:
  explicit Snapshot(Database& database) : database_(database) {
    database_.execute("BEGIN; SELECT 1 FROM sqlite_schema");
  }
  ~Snapshot() {
    try {
      database_.execute("ROLLBACK");
    } catch (const Error&) {
      // SQLite has ended it by itself.
    }
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Database& database_;
};

}  // namespace

Database::Database(const std::filesystem::path& file, Mode mode) {
  // SQLite's count of its memory takes a mutex at each allocation, and nobody reads it.
  static const int counts_memory = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(counts_memory);
  if (mode == Mode::kReadWriteCreate) create_private(file);
  const int access = mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (sqlite3_open_v2(file.c_str(), &handle_, access | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) {
    const std::string what = what_failed(handle_);
    const Phrase hint =
        lacks_descriptors(handle_)
            ? kDescriptorsHint
            : Phrase{"Check that the state directory exists and that you may write to it.",
                     "Verifică existența directorului de stare și dreptul de a scrie în el."};
    sqlite3_close(handle_);
    throw Error(
        ErrorCode::kStore,
        Phrase{"cannot open {}: {}", "{} nu se poate deschide: {}"}.with(file.string(), what),
        hint);
  }
  try {
    sqlite3_busy_handler(handle_, &wait_for_lock, nullptr);
    sqlite3_extended_result_codes(handle_, 1);
    if (mode == Mode::kReadOnly) return;
    if (switch_to_wal(handle_) != SQLITE_OK)
      fail(handle_, {"opening the account file", "deschiderea fișierului contului"});
    // FULL: a committed transaction survives a power cut, which is what an ack promises.
    execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
    // KiB, where SQLite takes 2000: a service keeps two of these per account, for weeks.
    execute("PRAGMA cache_size = -256");
    // What a long write leaves of the log is given back when the log begins anew.
    execute("PRAGMA journal_size_limit = 16777216");
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

Database::~Database() {
  for (const auto& [sql, statement] : idle_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

void Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail(handle_, {"writing the account file", "scrierea fișierului contului"});
  }
}

Statement Database::prepare(std::string_view sql) {
  if (const auto found = idle_.find(sql); found != idle_.end()) {
    sqlite3_stmt* statement = found->second;
    idle_.erase(found);
    return {*this, statement};
  }
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    fail(handle_, {"preparing a statement", "pregătirea unei instrucțiuni"});
  }
  return {*this, statement};
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(handle_);
}
std::int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(handle_);
}
bool Database::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

std::filesystem::path Database::file() const {
  return sqlite3_db_filename(handle_, "main");
}

bool Database::copy_to(const std::filesystem::path& file,
                       const std::function<void(double part)>& on_copied) {
  constexpr int kPagesAtOnce = 1024;
  constexpr Phrase kDoing{"copying the account file", "copierea fișierului contului"};
  // One file, without a WAL beside it: neither while it is written nor as the copy says it.
  constexpr const char* kOneFile = "PRAGMA journal_mode = DELETE";
  Database copy(file);
  copy.execute(kOneFile);
  const Snapshot snapshot(*this);  // else it would begin anew whenever somebody writes
  sqlite3_backup* backup = sqlite3_backup_init(copy.handle_, "main", handle_, "main");
  if (backup == nullptr) fail(copy.handle_, kDoing);
  while (sqlite3_backup_step(backup, kPagesAtOnce) == SQLITE_OK) {
    const double left = sqlite3_backup_remaining(backup);
    if (on_copied) on_copied(1 - left / sqlite3_backup_pagecount(backup));
  }
  const int result = sqlite3_backup_finish(backup) & 0xff;
  if (result == SQLITE_FULL) return false;
  if (result != SQLITE_OK) fail(copy.handle_, kDoing);
  copy.execute(kOneFile);
  auto check = copy.prepare("PRAGMA quick_check(1)");
  if (check.step() && check.text_view(0) == "ok") return true;
  throw Error(ErrorCode::kStore, Phrase{"{}: it is damaged", "{}: este deteriorat"}.with(kDoing),
              kDamagedHint);
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      handle_(std::exchange(other.handle_, nullptr)),
      next_parameter_(other.next_parameter_),
      stepped_(other.stepped_) {}

Statement::~Statement() {
  if (handle_ == nullptr) return;
  reset();
  // The same text may be in use twice at once (a query inside a query); one stays cached.
  if (!database_->idle_.emplace(sqlite3_sql(handle_), handle_).second) sqlite3_finalize(handle_);
}

bool Statement::step() {
  stepped_ = true;
  switch (sqlite3_step(handle_)) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default:
      fail(database_->handle_,
           {"reading or writing the account file", "citirea sau scrierea fișierului contului"});
  }
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() {
  if (statement_observer != nullptr) {
    const int steps = sqlite3_stmt_status(handle_, SQLITE_STMTSTATUS_VM_STEP, 1);
    const int scanned = sqlite3_stmt_status(handle_, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
    if (steps > 0)
      statement_observer({.sql = sqlite3_sql(handle_), .steps = steps, .full_scan_steps = scanned});
  }
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  next_parameter_ = 1;
  copies_ = true;
  stepped_ = false;
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}
std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}
double Statement::real(int column) const {
  return sqlite3_column_double(handle_, column);
}

std::string_view Statement::text_view(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

BytesView Statement::blob_view(int column) const {
  const auto* blob = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_, column));
  if (blob == nullptr) return {};
  return {blob, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::optional<std::string> Statement::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

// A value that was not bound would be NULL, or the one of the previous use.
void Statement::check_bound(int result) {
  if (result == SQLITE_OK) {
    ++next_parameter_;
    return;
  }
  throw Error(ErrorCode::kInternal, "binding parameter " + std::to_string(next_parameter_) +
                                        " of a statement: " + sqlite3_errstr(result));
}

// What is not bound is NULL, because a reset clears all.
void Statement::bind_one(std::nullptr_t) {
  const bool has_more = next_parameter_ <= sqlite3_bind_parameter_count(handle_);
  check_bound(stepped_ ? SQLITE_MISUSE : has_more ? SQLITE_OK : SQLITE_RANGE);
}

void Statement::bind_one(std::string_view text) {
  // An empty view may have a null pointer, which SQLite would take for NULL.
  const char* data = text.data() != nullptr ? text.data() : "";
  check_bound(sqlite3_bind_text64(handle_, next_parameter_, data, text.size(),
                                  copies_ ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind_one(BytesView blob) {
  const void* data = blob.data() != nullptr ? static_cast<const void*>(blob.data()) : "";
  check_bound(sqlite3_bind_blob64(handle_, next_parameter_, data, blob.size(),
                                  copies_ ? SQLITE_TRANSIENT : SQLITE_STATIC));
}

void Statement::bind_one(double value) {
  check_bound(sqlite3_bind_double(handle_, next_parameter_, value));
}
void Statement::bind_integer(std::int64_t value) {
  check_bound(sqlite3_bind_int64(handle_, next_parameter_, value));
}

Transaction::Transaction(Database& database, std::string_view name)
    : database_(database), name_(name) {
  if (database.in_transaction()) {
    throw Error(ErrorCode::kInternal, "a transaction is already open");
  }
  database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_ || !database_.in_transaction()) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const Error&) {
    // SQLite has rolled back by itself (full disk, I/O error); nothing is left to undo.
  }
}

void Transaction::commit() {
  if (commit_observer != nullptr) commit_observer(name_, CommitMoment::kBefore);
  database_.execute("COMMIT");
  open_ = false;
  if (commit_observer != nullptr) commit_observer(name_, CommitMoment::kAfter);
}

WorkWatch::WorkWatch(Database& database, std::function<void()> call)
    : database_(database), call_(std::move(call)) {
  constexpr int kInstructions = 1'000'000;  // some hundredths of a second
  sqlite3_progress_handler(
      database_.handle_, kInstructions,
      [](void* watch) {
        static_cast<WorkWatch*>(watch)->call_();
        return 0;
      },
      this);
}

WorkWatch::~WorkWatch() {
  sqlite3_progress_handler(database_.handle_, 0, nullptr, nullptr);
}

void let_others_write() {
  constexpr std::int64_t kStillWaitingMs = 4;
  constexpr int kLongestMs = 100;
  for (int i = 0; i < kLongestMs && steady_ms() - waited_at_ms < kStillWaitingMs; ++i) {
    sqlite3_sleep(1);
  }
}

void observe_commits(CommitObserver observer) {
  commit_observer = observer;
}

void observe_statements(StatementObserver observer) {
  statement_observer = observer;
}

}  // namespace wasync
