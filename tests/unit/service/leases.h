// Firestore as far as an account's leases go: one document with their fields.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "base/clock.h"
#include "firestore/client_thread.h"
#include "firestore/lease.h"
#include "unit/firestore/small_firestore.h"

namespace wasync::test {

class Leases {
 public:
  std::atomic<bool> away = false;  // whatever is asked, Firestore is not to be had
  SmallFirestore server;

  Leases() {
    server.instead = [this](const std::string& path, const nlohmann::json& body) {
      if (away) return synthetic::kept("{}", "503 Busy");
      const std::lock_guard lock(mutex_);
      if (path.find(":batchGet") != std::string::npos) return read(body["documents"][0]);
      if (path.find(":commit") != std::string::npos) return write(body["writes"][0]);
      return std::string();
    };
  }

  FirestoreInbox inbox() const {
    return {.target = server.target(), .credentials = server.credentials()};
  }
  // Empty: nobody.
  std::string holder(const firestore::LeaseFields& lease) const {
    const std::lock_guard lock(mutex_);
    const auto found = fields_.find(lease.holder);
    return found == fields_.end() ? "" : found->second["stringValue"].get<std::string>();
  }
  void give(const firestore::LeaseFields& lease, const std::string& instance,
            std::chrono::seconds duration = std::chrono::minutes(1)) {
    const std::lock_guard lock(mutex_);
    const firestore::Timestamp until{.seconds = UnixSeconds::now().value + duration.count()};
    fields_[lease.holder] = {{"stringValue", instance}};
    fields_[lease.until] = {{"timestampValue", firestore::to_string(until)}};
    ++version_;
  }
  void free(const firestore::LeaseFields& lease) {
    const std::lock_guard lock(mutex_);
    fields_.erase(lease.holder);
    fields_.erase(lease.until);
    ++version_;
  }

 private:
  std::string read(const std::string& name) const {
    return synthetic::kept(nlohmann::json{
        {{"found", {{"name", name}, {"fields", fields_}, {"updateTime", update_time()}}}}}
                               .dump());
  }
  // As Firestore does, refuses who has read what is no more.
  std::string write(const nlohmann::json& write) {
    const auto expected = write.find("currentDocument");
    if (expected != write.end() && expected->value("updateTime", update_time()) != update_time()) {
      return synthetic::kept(R"({"error":{"code":400,"status":"FAILED_PRECONDITION"}})",
                             "400 Bad Request");
    }
    ++version_;
    const auto& fields = write["update"]["fields"];
    for (const std::string path : write["updateMask"]["fieldPaths"]) {
      if (fields.contains(path))
        fields_[path] = fields[path];
      else
        fields_.erase(path);
    }
    return synthetic::kept(R"({"writeResults":[{}]})");
  }

  std::string update_time() const {
    return firestore::to_string(firestore::Timestamp{.seconds = 1'767'225'600 + version_});
  }

  mutable std::mutex mutex_;
  std::int64_t version_ = 0;
  std::map<std::string, nlohmann::json> fields_;
};

}  // namespace wasync::test
