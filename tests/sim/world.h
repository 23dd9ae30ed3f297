// Everything the simulator knows: one server, one phone, its companions.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/curve25519.h"
#include "sim/app_state.h"
#include "sim/companion.h"
#include "sim/dataset.h"
#include "sim/faults.h"
#include "sim/journal.h"
#include "sim/media.h"
#include "sim/outgoing.h"
#include "sim/signal_party.h"
#include "wire/connection.h"

namespace wasync::sim {

class ClientSession;
class ScratchDirectory;

struct Options {
  std::string listen = "127.0.0.1:0";
  std::string dataset = "small";
  std::uint64_t seed = 1;
  std::size_t older = 100;
  bool history_inline = false;  // every chunk inside its notification
  std::size_t messages_per_chunk = 2'000;
  std::vector<std::string> faults;
  bool exit_with_stdin = false;
  bool verbose = false;
};

// Used from one thread.
class World {
 public:
  World(Options options, boost::asio::any_io_executor executor);
  ~World();

  const boost::asio::any_io_executor executor;
  const Options options;
  const Dataset dataset;
  Faults faults;
  Journal journal;
  MediaHost media;
  AppState app_state;
  std::string media_hostname;  // host:port, once listening

  const KeyPair root = KeyPair::generate();
  // The Noise identity for the next connection, with the faults of the moment.
  ServerIdentity server_identity() const;

  Jid owner_jid() const;
  Jid owner_lid() const;
  Jid companion_jid(const Companion& companion) const;
  Jid companion_lid(const Companion& companion) const;

  // The phone's key signs ADV and is its Signal identity: a client checks that the two agree.
  const KeyPair phone_key = KeyPair::generate();
  SignalParty& phone() { return *phone_; }
  // The device of a user, by phone number or LID; somebody else's is made on first use.
  SignalParty& party_of(const std::string& address);

  std::map<std::uint16_t, std::unique_ptr<Companion>> companions;
  // Connections at work; each removes itself at its end.
  std::set<ClientSession*> sessions;
  // Connections waiting for the phone to scan their QR code, by ref.
  std::map<std::string, ClientSession*> waiting;

  // What was sent while companions were linked, by stanza id: for retries, and because the
  // phone knows these messages too.
  std::map<std::string, Outgoing> sent;

  // Messages of companions that wait for the phone to come online, with the device's number.
  std::vector<std::pair<std::uint16_t, Node>> phone_mail;
  // Queries for app state that wait for an answer, and whose they are.
  std::vector<std::pair<std::uint16_t, Node>> held_queries;

  std::uint16_t next_device() { return next_device_++; }
  // Queues the stanza and sends it to the companion if it is active.
  void deliver(Companion& companion, Node stanza);
  // The client has it: forget it. `id` is the stanza's.
  void acknowledged(Companion& companion, std::string_view id);
  std::string next_stanza_id();
  void log(const std::string& line) const;

 private:
  const KeyPair noise_static_ = KeyPair::generate();
  std::unique_ptr<ScratchDirectory> scratch_;
  std::unique_ptr<SignalParty> phone_;
  std::map<std::string, std::unique_ptr<SignalParty>> parties_;
  std::uint16_t next_device_ = 11;
  std::uint64_t next_id_ = 1;
  std::optional<Node> swapped_;  // the stanza that fault "swap" holds back
};

}  // namespace wasync::sim
