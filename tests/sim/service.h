// What all users of the simulator share: the server itself.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/curve25519.h"
#include "sim/faults.h"
#include "sim/group.h"
#include "sim/journal.h"
#include "sim/media.h"
#include "wire/connection.h"

namespace wasync::sim {

class ClientSession;
class ScratchDirectory;
class World;

struct Options {
  std::string listen = "127.0.0.1:0";
  // Of the first user, the second, …; the last one is every further user's.
  std::vector<std::string> datasets{"small"};
  std::size_t users = 0;  // 0: one for each dataset
  std::uint64_t seed = 1;
  std::size_t older = 100;
  bool history_inline = false;  // every chunk inside its notification
  std::size_t messages_per_chunk = 2'000;
  std::vector<std::string> faults;
  std::int64_t clock_ahead_s = 0;  // of this host's clock, which clients see
  bool exit_with_stdin = false;
  bool verbose = false;
};

// Used from one thread.
class Service {
 public:
  Service(Options options, boost::asio::any_io_executor executor);
  ~Service();

  const boost::asio::any_io_executor executor;
  const Options options;
  Faults faults;
  Journal journal;
  MediaHost media;
  std::string media_hostname;  // host:port, once listening

  const KeyPair root = KeyPair::generate();
  // The Noise identity for the next connection, with the faults of the moment.
  ServerIdentity server_identity() const;

  // Never empty; the first is the one that tests mean when they name none.
  std::vector<std::unique_ptr<World>> users;
  // By phone number or LID; null for everybody who is no user, only somebody's contact.
  World* user(std::string_view digits) const;

  // Groups of users, by JID. Those with contacts are in the datasets.
  std::map<std::string, Group> groups;

  // Connections at work; each removes itself at its end.
  std::set<ClientSession*> sessions;
  // Connections waiting for a phone to scan their QR code, by ref.
  std::map<std::string, ClientSession*> waiting;

  // A file name of its own for whoever keeps Signal sessions.
  std::filesystem::path next_file();
  void log(const std::string& line) const;

 private:
  const KeyPair noise_static_ = KeyPair::generate();
  std::unique_ptr<ScratchDirectory> scratch_;
  std::uint64_t next_file_ = 1;
  std::map<std::string, World*, std::less<>> by_digits_;
};

}  // namespace wasync::sim
