// The world of one user: a phone, its companions, the people it writes with, and the service
// that it shares with the other users.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/curve25519.h"
#include "sim/answer_times.h"
#include "sim/app_state.h"
#include "sim/companion.h"
#include "sim/dataset.h"
#include "sim/outgoing.h"
#include "sim/passkey.h"
#include "sim/service.h"
#include "sim/signal_party.h"

namespace wasync::sim {

class Load;

// Used from one thread.
class World {
 public:
  // Keeps a reference to the service, which owns it; `number` is its place there.
  World(Service& service, Dataset dataset, std::size_t number);
  ~World();

  Service& service;
  const std::size_t number;
  const Dataset dataset;
  AppState app_state;
  // Told with the history; whoever deletes a blob of it must know it.
  const std::string deletion_secret = hex_encode(random_bytes(8));

  // The service's, for short.
  const boost::asio::any_io_executor& executor;
  const Options& options;
  Faults& faults;
  Journal& journal;
  MediaHost& media;
  std::set<ClientSession*>& sessions;

  Jid owner_jid() const;
  Jid owner_lid() const;
  Jid companion_jid(const Companion& companion) const;
  Jid companion_lid(const Companion& companion) const;

  // The phone's key signs ADV and is its Signal identity: a client checks that the two agree.
  const KeyPair phone_key = KeyPair::generate();
  SignalParty& phone() { return *phone_; }
  std::optional<Passkey> passkey;  // of the account, once an authenticator registered one
  // The phone of a user, by phone number or LID; a contact's is made on first use.
  SignalParty& party_of(const std::string& address);

  std::map<std::uint16_t, std::unique_ptr<Companion>> companions;

  // What was sent while companions were linked, by stanza id: for retries, and because the
  // phone knows these messages too.
  std::map<std::string, Outgoing> sent;

  // What contacts write on and on; null until a test wants it.
  std::unique_ptr<Load> load;

  // Messages until they are acked, and pings.
  AnswerTimes message_times;
  AnswerTimes ping_times;

  // Messages of companions that wait for the phone to come online, with the device's number.
  std::vector<std::pair<std::uint16_t, Node>> phone_mail;
  // Serialised chunks of older messages, held back by a fault, behind the requests they answer.
  std::vector<std::pair<std::string, std::string>> late_answers;
  // Queries for app state that wait for an answer, and whose they are.
  std::vector<std::pair<std::uint16_t, Node>> held_queries;

  // For whoever begins a session with the companion: uses up a one-time pre-key, and tells it when
  // few are left. Nothing before it uploaded any.
  std::optional<PreKeyBundle> take_bundle(Companion& companion);

  std::uint16_t next_device() { return next_device_++; }
  // Queues the stanza and sends it to the companion if it is active.
  void deliver(Companion& companion, Node stanza);
  // The client has the stanza with this tag and id: forget it. When it came more than once
  // (again, after a retry receipt) that is the oldest; of copies of the owner's own, all of them.
  void acknowledged(Companion& companion, std::string_view tag, std::string_view id);
  // A copy of what the owner wrote to somebody elsewhere: it waits for a receipt of type "sender",
  // an ack does not do (whatsapp-rust #659).
  static bool is_own_copy(const Companion& companion, std::string_view tag, std::string_view id);
  std::string next_stanza_id();
  void log(const std::string& line) const { service.log(line); }

 private:
  std::unique_ptr<SignalParty> phone_;
  std::map<std::string, std::unique_ptr<SignalParty>> parties_;
  std::uint16_t next_device_ = 11;
  std::uint64_t next_id_ = 1;
  std::optional<Node> swapped_;  // the stanza that fault "swap" holds back
};

}  // namespace wasync::sim
