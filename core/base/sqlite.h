// A thin, exception-throwing wrapper of SQLite: the only place that calls its C interface (with
// tokenizer.cpp).
//
// Only one thread at a time may use a Database; each thread opens its own. Statements are cached by
// their text and reset when the handle goes out of scope.
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
  // nothing in the file, even while others have it open (SQLite may leave its -wal and -shm files).
  // Throws Error(kStore) when the file is damaged or cannot be opened.
  explicit Database(const std::filesystem::path& file, Mode mode = Mode::kReadWriteCreate);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs statements without parameters or results.
  void execute(const std::string& sql);
  // Returns a prepared statement, cached by its text. Use a limited number of different texts.
  Statement prepare(std::string_view sql);

  std::int64_t changes() const;
  std::int64_t last_insert_id() const;
  bool in_transaction() const;
  std::filesystem::path file() const;

  // Copies the whole database, as of one moment, into a new file with mode 0600, and verifies the
  // copy. Returns false when there is no room for it. Then, and after an Error, a part of the copy
  // may be left.
  bool copy_to(const std::filesystem::path& file,
               const std::function<void(double part)>& on_copied = {});

 private:
  friend class Statement;
  friend class Tokenizer;
  friend class WorkWatch;
  sqlite3* handle_ = nullptr;
  // The key is the text that the statement itself keeps.
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

  // Binds the next parameter(s), left to right. Throws Error(kInternal) when the statement has no
  // more parameters, or has been stepped since its last reset.
  template <typename... Values>
  Statement& bind(const Values&... values) {
    (bind_one(values), ...);
    return *this;
  }
  // The same, but a text or blob is not copied: it must stay as it is until the next reset.
  template <typename Value>
  Statement& bind_lasting(const Value& value) {
    copies_ = false;
    bind_one(value);
    copies_ = true;
    return *this;
  }
  // Returns true while there is a row. Throws Error(kStore), or Error(kInternal) when the schema
  // does not accept the written values.
  bool step();
  // For statements that return nothing: steps, then prepares for new bindings.
  void run();
  // Prepares for new bindings.
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
  bool copies_ = true;
  bool stepped_ = false;  // since the last reset
};

// BEGIN IMMEDIATE … COMMIT; rolls back when it goes out of scope uncommitted.
// Not nestable: throws Error(kInternal) when a transaction is already open.
class Transaction {
 public:
  // `name` says what becomes durable ("link", "message", …). It must have static storage duration.
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

// While it exists, SQLite calls `call` from time to time as a statement of the database works.
// `call` must not throw and must not use the database.
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

// Code that writes one transaction after another calls this between them, so that another thread's
// short write does not wait for all of them. (SQLite has no queue for writers.) Returns at once
// when no thread of this process waits.
void let_others_write();

// Each Transaction calls the observer right before and right after its COMMIT, in the thread that
// commits. The crash tests use this to end the program there. Set it before any thread starts;
// null, the default, means none.
enum class CommitMoment { kBefore, kAfter };
using CommitObserver = void (*)(std::string_view name, CommitMoment moment);
void observe_commits(CommitObserver observer);

// The observer is called after each use of a prepared statement. Set it before any thread starts,
// as with observe_commits. Tests use it to check that a statement's cost does not grow with the
// amount of stored data.
struct StatementCost {
  std::string_view sql{};
  std::int64_t steps = 0;            // of SQLite's virtual machine, including those of triggers
  std::int64_t full_scan_steps = 0;  // from row to row of a table without an index
};
using StatementObserver = void (*)(const StatementCost& cost);
void observe_statements(StatementObserver observer);

}  // namespace wasync
