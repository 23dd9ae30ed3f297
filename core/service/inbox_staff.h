// The Inbox's own rule of who its staff are: who has a document staffProfiles/{uid} sees every
// account but those that config/whatsapp_inbox names in adminOnlyAccountIds. The app's Firestore
// rules say the same. Source: the backend and the app that served the Inbox before us.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "firestore/client_thread.h"
#include "service/api_rights.h"

namespace wasync {

// As Firestore has it now. Ids of other forms than ours are looked up in accounts/{id}, for their
// phone. Throws FailedRequest, and Error(kConfig) where a document is so that nobody can say which
// accounts are not for staff: then there is no staff.
StaffRule read_staff_rule(firestore::Client& client, const std::string& uid);

// Remembers each user for a minute, and a failure for ten seconds, so that strangers cannot make us
// read Firestore at each request. Used from one io_context thread.
class InboxStaff {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;
  // `inbox.credentials` must have no other user.
  InboxStaff(boost::asio::any_io_executor executor, FirestoreInbox inbox,
             Now now = &std::chrono::steady_clock::now);
  // Throws what read_staff_rule does, and Error(kInterrupted) after stop() and when many others are
  // being asked for. Must outlive the answer.
  boost::asio::awaitable<StaffRule> rule_for(std::string uid);
  void stop();

 private:
  struct Known {
    StaffRule rule{};
    std::chrono::steady_clock::time_point since{};
  };
  boost::asio::awaitable<StaffRule> ask(std::string uid);

  boost::asio::any_io_executor executor_;
  Now now_;
  std::map<std::string, Known> known_{};
  int asking_ = 0;
  std::exception_ptr failure_{};
  std::chrono::steady_clock::time_point failed_at_{};
  std::unique_ptr<firestore::ClientThread> thread_;
};

}  // namespace wasync
