// One connection that waits to be linked.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/wake.h"
#include "session/connection/dial.h"
#include "session/link/link_code.h"
#include "session/link/link_options.h"
#include "session/link/passkey.h"
#include "session/link/passkey_handshake.h"

namespace wasync {

// The phone scans one of a batch of QR codes, or the user types one code on it. Timers and
// coroutines may outlive run(), so the object holds what they use; after run() they call nothing.
class LinkAttempt : public std::enable_shared_from_this<LinkAttempt> {
 public:
  enum class Ending { kLinked, kCodesUsedUp };

  // Counts `codes_left` down each time it asks WhatsApp for a code to type.
  LinkAttempt(const boost::asio::any_io_executor& executor, LinkOptions options, LinkEvents events,
              std::chrono::steady_clock::time_point deadline, std::shared_ptr<int> codes_left);
  // Throws what link_device throws.
  boost::asio::awaitable<Ending> run();
  // Makes run() throw `reason`.
  void stop(const std::exception_ptr& reason);

 private:
  // kTyped: the user typed the code, and the phone checks our answer. kPasskey: the account's
  // passkey has to answer. kConfirming: it answered, and the phone has all it needs.
  enum class Phase {
    kWaitingForCodes,
    kShowing,
    kTyped,
    kPasskey,
    kConfirming,
    kUsedUp,
    kLinked,
    kRefused,
    kOver
  };

  static boost::asio::awaitable<void> keep_alive(std::shared_ptr<Stream> stream);
  void next_phase(Phase phase);
  Ending ending(const std::exception_ptr& reason) const;
  static bool may_be_mistyped(ErrorCode code);
  void handle(const Node& node);
  void handle_notification(const Node& node);
  void refresh_registration(const Node& notification);
  void handle_iq(const Node& node);
  void reply(const Node& request, std::vector<Node> content = {});
  static boost::asio::awaitable<void> show_qrs(std::shared_ptr<LinkAttempt> self, Node pair_device);
  void begin_code(std::chrono::steady_clock::time_point expires_at);
  static boost::asio::awaitable<void> show_code(std::shared_ptr<LinkAttempt> self);
  void handle_link_code(const Node& notification);
  static boost::asio::awaitable<void> answer_phone(std::shared_ptr<LinkAttempt> self,
                                                   Node notification);
  void handle_passkey(const Node& demand);
  // These are in link_attempt_passkey.cpp.
  static boost::asio::awaitable<void> answer_passkey(std::shared_ptr<LinkAttempt> self, Node demand,
                                                     std::optional<Bytes> handoff_key);
  boost::asio::awaitable<PasskeyRequest> passkey_request(Node demand);
  boost::asio::awaitable<PasskeyHandshake> begin_handshake(
      PasskeyRequest request, std::optional<Bytes> handoff_key,
      std::chrono::steady_clock::time_point end);
  void check_phase(std::uint64_t ours) const;
  boost::asio::awaitable<std::string> next_answer(std::chrono::steady_clock::time_point end);
  boost::asio::awaitable<void> compare_code(std::string code,
                                            std::chrono::steady_clock::time_point end);
  static std::vector<const Node*> refs_in(const Node& pair_device);
  std::chrono::milliseconds time_left() const;
  void limit_phase(std::chrono::milliseconds duration, const Error& reason);
  void handle_success(const Node& request, const Node& success);
  void refuse(const Node& request, const char* code, const char* text,
              const std::exception_ptr& why);

  boost::asio::any_io_executor executor_;
  LinkOptions options_;
  LinkEvents events_;
  std::chrono::steady_clock::time_point deadline_;
  std::shared_ptr<int> codes_left_;
  std::shared_ptr<Dial> dial_;
  Wake phase_over_;
  std::optional<Deadline> limit_;  // of this phase
  DeviceKeys keys_ = DeviceKeys::generate();
  std::shared_ptr<Stream> stream_;
  struct ShownQr {
    std::string ref;
    std::chrono::steady_clock::time_point expires_at;
  };
  std::optional<ShownQr> qr_;      // the latest
  std::optional<LinkCode> code_;   // the one shown
  bool other_form_tried_ = false;  // of the phone's number
  std::chrono::steady_clock::time_point code_expires_at_;
  std::optional<Node> continuation_;  // of the handshake behind a passkey
  Phase phase_ = Phase::kWaitingForCodes;
  Phase last_ = Phase::kWaitingForCodes;
  std::uint64_t phase_number_ = 0;
};

// The Error for when no one used the codes in time.
Error nobody_answered(const LinkOptions& options);

}  // namespace wasync
