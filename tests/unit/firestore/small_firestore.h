// A Firestore for unit tests: keeps what batchWrite sends, answers batchGet and runQuery with
// nothing or what a test says, and fails as it is told. (Google's own emulator is met in
// tests/firestore.)
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/environment.h"
#include "firestore/uploader.h"
#include "google/credentials.h"
#include "unit/http_stub.h"
#include "unit/inbox/fixture.h"

namespace wasync::test {

class SmallFirestore {
 public:
  // A whole request's answer instead of the usual one; empty for the usual one.
  std::function<std::string(const std::string& path, const nlohmann::json& body)> instead{};
  // The status of one write ({"code":…}); null for the usual one.
  std::function<nlohmann::json(const std::string& name)> status_of{};
  // What runQuery answers with, as documents.
  nlohmann::json found = nlohmann::json::array();
  bool account_exists = false;

  firestore::Target target() const {
    return {.project = "p", .emulator = "127.0.0.1:" + std::to_string(stub_.port())};
  }
  std::shared_ptr<Credentials> credentials() const {
    const std::string host = target().emulator;
    return std::make_shared<Credentials>(
        Credentials::find([host](const char* name) -> std::optional<std::string> {
          if (std::string_view(name) == "FIRESTORE_EMULATOR_HOST") return host;
          return std::nullopt;
        }));
  }

  // Below the root: "threads/…". Their fields, as JSON.
  std::map<std::string, nlohmann::json> documents() const {
    const std::lock_guard lock(mutex_);
    return documents_;
  }
  nlohmann::json document(const std::string& path) const {
    const auto all = documents();
    const auto found_at = all.find(path);
    return found_at == all.end() ? nlohmann::json() : found_at->second;
  }
  void put(const std::string& path, nlohmann::json fields) {
    const std::lock_guard lock(mutex_);
    documents_[path] = std::move(fields);
  }
  // Paths in the order they were written.
  std::vector<std::string> order() const {
    const std::lock_guard lock(mutex_);
    return order_;
  }
  int requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  static constexpr const char* kRoot = "projects/p/databases/(default)/documents/";

  std::string answer(const std::string& request) {
    const std::string path = request.substr(0, request.find('\r'));
    const auto body = nlohmann::json::parse(synthetic::body_of(request), nullptr, false);
    const std::lock_guard lock(mutex_);
    ++requests_;
    if (instead)
      if (std::string other = instead(path, body); !other.empty()) return other;
    nlohmann::json out;
    if (path.find(":batchWrite") != std::string::npos) {
      out = write(body);
    } else if (path.find(":batchGet") != std::string::npos) {
      const std::string name = body["documents"][0];
      if (account_exists)
        out.push_back({{"found", {{"name", name}}}});
      else
        out.push_back({{"missing", name}});
    } else if (path.find(":runQuery") != std::string::npos) {
      out = nlohmann::json::array();
      for (const auto& each : found) out.push_back({{"document", each}});
      out.push_back({{"readTime", "2026-01-01T00:00:00Z"}});
    }
    return synthetic::kept(out.dump());
  }

  nlohmann::json write(const nlohmann::json& body) {
    nlohmann::json out = {{"writeResults", nlohmann::json::array()},
                          {"status", nlohmann::json::array()}};
    std::set<std::string> once;
    for (const auto& each : body["writes"]) {
      const std::string full = each["update"]["name"];
      CHECK(full.starts_with(kRoot));
      const std::string name = full.substr(std::string(kRoot).size());
      CHECK(once.insert(name).second);  // no document twice in a batch
      nlohmann::json status = status_of ? status_of(name) : nlohmann::json();
      const bool must_be_missing = each.contains("currentDocument");
      if (status.is_null() && must_be_missing && documents_.contains(name))
        status = {{"code", 6}, {"message", "exists"}};
      out["writeResults"].push_back(nlohmann::json::object());
      out["status"].push_back(status.is_null() ? nlohmann::json::object() : status);
      if (!status.is_null()) continue;
      order_.push_back(name);
      apply(documents_[name], each);
    }
    return out;
  }

  static void apply(nlohmann::json& document, const nlohmann::json& write) {
    for (std::string path : write["updateMask"]["fieldPaths"]) {
      if (path.front() == '`') path = path.substr(1, path.size() - 2);
      const auto& fields = write["update"]["fields"];
      if (fields.contains(path))
        document[path] = fields[path];
      else
        document.erase(path);
    }
    if (!write.contains("updateTransforms")) return;
    for (const auto& each : write["updateTransforms"])
      document[each["fieldPath"].get<std::string>()] = "server time";
  }

  mutable std::mutex mutex_;
  std::map<std::string, nlohmann::json> documents_;
  std::vector<std::string> order_;
  int requests_ = 0;
  synthetic::HttpStub stub_{[this](const std::string& request) { return answer(request); }};
};

inline firestore::UploadOptions quick_options() {
  firestore::UploadOptions out;
  out.ramp = false;
  out.first_backoff = std::chrono::milliseconds(1);
  out.most_backoff = std::chrono::milliseconds(20);
  return out;
}

// Sends everything, on this thread.
inline firestore::UploadState upload_all(InboxFile& file, SmallFirestore& server,
                                         firestore::UploadOptions options = quick_options()) {
  firestore::UploadState last;
  firestore::Uploader uploader({.target = server.target(), .credentials = server.credentials()},
                               std::move(options));
  uploader.add(file.scratch.path() / "wa-sync.db",
               [&last](const firestore::UploadState& state) { last = state; });
  uploader.finish();
  uploader.run();
  return last;
}

}  // namespace wasync::test
