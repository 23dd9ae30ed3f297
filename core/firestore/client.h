// One Firestore database over its REST API, v1.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/http.h"
#include "firestore/failure.h"
#include "firestore/value.h"
#include "firestore/write.h"

namespace wasync {
class Credentials;
}

namespace wasync::firestore {

struct Target {
  std::string project{};
  std::string database = "(default)";
  std::string emulator{};  // "127.0.0.1:8080"; empty: the service
  std::string origin{};    // another service address, https or loopback http; for tests

  // "projects/P/databases/D/documents"
  std::string root() const;
};

struct Document {
  std::string path{};  // below the root: "threads/ID"
  Fields fields{};
  std::optional<Timestamp> updated_at{};
  std::string id() const;  // the path's last segment
};

struct Query {
  std::string parent{};  // a document's path; empty: the root
  std::string collection{};
  std::vector<std::pair<std::string, Value>> equal{};  // field == value, all of them
  std::string order_by{};                              // a field; empty: by document name
  bool descending = false;
  std::int64_t limit = 0;             // 0: none
  std::string start_after{};          // a document's path, when ordered by name
  std::vector<std::string> fields{};  // only these; empty: all
};

// Statuses of a batch's writes, in order: nothing means written.
using WriteResults = std::vector<std::optional<Failure>>;

// Used by the thread of its HttpClient. Reads and commits wait for the answer, and try again for a
// while when the service asks for that; they throw FailedRequest.
class Client {
 public:
  // The arguments outlive the client. When `interrupted` says so, a wait ends with
  // Error(kInterrupted). `keep_trying` bounds the retries while the service is unwell.
  Client(HttpClient& http, Credentials& credentials, Target target,
         std::function<bool()> interrupted = {},
         std::chrono::milliseconds keep_trying = std::chrono::seconds(20));

  const Target& target() const { return target_; }
  // The body of a batch: head, writes with commas between them, tail.
  static constexpr std::string_view kBatchHead = "{\"writes\":[";
  static constexpr std::string_view kBatchTail = "]}";
  // Sends a finished body of `count` writes (documents:batchWrite: not atomic, no document twice).
  // HttpClient::poll calls `done`. Throws when there is no token.
  void batch_write(std::string body, std::size_t count,
                   std::function<void(std::variant<WriteResults, Failure>)> done);

  // Atomic (documents:commit). With `expected`, fails unless that is every document's update time.
  void commit(std::span<const DocumentWrite> writes, std::optional<Timestamp> expected = {});
  // In the order of `paths`; nothing for one that is missing.
  std::vector<std::optional<Document>> batch_get(std::span<const std::string> paths,
                                                 const std::vector<std::string>& fields = {});
  std::vector<Document> run_query(const Query& query);
  // How many documents the query has. Costs a read for each thousand.
  std::int64_t count(const Query& query);
  // One page of a collection. `token` is empty for the first page, and comes back empty with the
  // last.
  std::vector<Document> list(const std::string& collection, int page_size, std::string& token,
                             const std::vector<std::string>& fields = {});

 private:
  HttpRequest request(std::string method, const std::string& path);
  void learn_time_of(const HttpHead& answer) const;
  void pause(std::chrono::milliseconds time);
  std::string ask(std::string_view doing, const std::string& method, const std::string& path,
                  const std::string& body);

  HttpClient& http_;
  Credentials& credentials_;
  Target target_;
  std::function<bool()> interrupted_;
  std::chrono::milliseconds keep_trying_;
};

// A Document resource; throws Error(kProtocol).
Document document_from(const nlohmann::json& json, const std::string& root);

}  // namespace wasync::firestore
