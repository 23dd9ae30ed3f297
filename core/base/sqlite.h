// A thin, exception-throwing wrapper of SQLite: the only place that calls its C interface.
//
// A Database is used by one thread at a time; each thread opens its own. Statements are
// cached by their text and reset when the handle goes out of scope.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "base/clock.h"

struct sqlite3;
struct sqlite3_stmt;

namespace wasync {

class Statement;

class Database {
 public:
  enum class Mode { kReadWriteCreate, kReadWrite, kReadOnly };

  // Opens the file with mode 0600, WAL, foreign keys and a bounded busy timeout. kReadOnly changes
  // nothing in it, whoever else has it open meanwhile (SQLite may leave its -wal and -shm files).
  // Throws Error(kStore) when it is damaged or cannot be opened.
  explicit Database(const std::filesystem::path& file, Mode mode = Mode::kReadWriteCreate);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs statements without parameters or results.
  void execute(const std::string& sql);
  // A prepared statement, cached by its text: there should be a limited number of those.
  Statement prepare(std::string_view sql);

  std::int64_t changes() const;
  std::int64_t last_insert_id() const;
  bool in_transaction() const;
  std::filesystem::path file() const;

  // Copies all of it, as of one moment, into a new file with mode 0600, and verifies the copy.
  // Returns false when there is no room for it; a part of it may be there then, as with an Error.
  bool copy_to(const std::filesystem::path& file,
               const std::function<void(double part)>& on_copied = {});

 private:
  friend class Statement;
  friend class WorkWatch;
  sqlite3* handle_ = nullptr;
  // By the text that the statement itself keeps.
  std::unordered_map<std::string_view, sqlite3_stmt*> idle_;
};

// Use: bind in order, then step until it returns false.
//   auto q = db.prepare("SELECT name FROM contacts WHERE jid = ?");
//   q.bind(jid); while (q.step()) use(q.text(0));
class Statement {
 public:
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;

  // Binds the next parameter(s), left to right. Throws Error(kInternal) when the statement
  // has no more, or has been stepped since its last reset.
  template <typename... Values>
  Statement& bind(const Values&... values) {
    (bind_one(values), ...);
    return *this;
  }
  // True while there is a row. Throws Error(kStore), or Error(kInternal) when the schema does not
  // take what is written.
  bool step();
  // For statements that return nothing: steps, then makes ready for the next binding.
  void run();
  // Makes ready for new bindings.
  void reset();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  // Views stay valid until the next step, reset or destruction.
  std::string_view text_view(int column) const;
  BytesView blob_view(int column) const;
  std::string text(int column) const { return std::string(text_view(column)); }
  Bytes blob(int column) const { return to_bytes(blob_view(column)); }
  std::optional<std::string> optional_text(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;
  UnixSeconds time(int column) const { return {integer(column)}; }

 private:
  friend class Database;
  Statement(Database& database, sqlite3_stmt* handle) : database_(&database), handle_(handle) {}

  void check_bound(int result);
  void bind_one(std::nullptr_t);
  void bind_one(std::string_view text);
  void bind_one(const char* text) { bind_one(std::string_view(text)); }
  void bind_one(const std::string& text) { bind_one(std::string_view(text)); }
  void bind_one(BytesView blob);
  void bind_one(const Bytes& blob) { bind_one(BytesView(blob)); }
  template <std::size_t N>
  void bind_one(const std::array<std::uint8_t, N>& blob) {
    bind_one(BytesView(blob));
  }
  void bind_one(double value);
  void bind_integer(std::int64_t value);
  template <std::integral Integer>
  void bind_one(Integer value) {
    bind_integer(static_cast<std::int64_t>(value));
  }
  void bind_one(UnixSeconds value) { bind_integer(value.value); }
  template <typename T>
  void bind_one(const std::optional<T>& value) {
    if (value)
      bind_one(*value);
    else
      bind_one(nullptr);
  }

  Database* database_;
  sqlite3_stmt* handle_;
  int next_parameter_ = 1;
};

// BEGIN IMMEDIATE … COMMIT; rolls back when it goes out of scope uncommitted.
// Not nestable: throws Error(kInternal) when a transaction is already open.
class Transaction {
 public:
  // `name` says what becomes durable ("link", "message", …); of static storage duration.
  Transaction(Database& database, std::string_view name);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  std::string_view name_;
  bool open_ = true;
};

// While it lives, `call` is called now and then as a statement of the database works; it must not
// throw, nor use the database.
class WorkWatch {
 public:
  WorkWatch(Database& database, std::function<void()> call);
  ~WorkWatch();
  WorkWatch(const WorkWatch&) = delete;
  WorkWatch& operator=(const WorkWatch&) = delete;

 private:
  Database& database_;
  std::function<void()> call_;
};

// For whoever writes one transaction after the other: to be called between two of them, so that
// another thread's short write does not wait for all of them. (SQLite has no queue for writers.)
// Returns at once when nobody of this process waits.
void let_others_write();

// Called from now on right before and right after each COMMIT of a Transaction, in the thread
// that commits. This is how the crash tests end the program there. To be set before any thread
// is started; null, the default, for nobody.
enum class CommitMoment { kBefore, kAfter };
using CommitObserver = void (*)(std::string_view name, CommitMoment moment);
void observe_commits(CommitObserver observer);

// Called from now on, likewise, when a use of a prepared statement is over. How tests see that what
// a statement costs does not grow with what is stored.
struct StatementCost {
  std::string_view sql{};
  std::int64_t steps = 0;            // of SQLite's virtual machine, those of triggers included
  std::int64_t full_scan_steps = 0;  // from row to row of a table without an index
};
using StatementObserver = void (*)(const StatementCost& cost);
void observe_statements(StatementObserver observer);

}  // namespace wasync
