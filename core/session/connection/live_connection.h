// What a linked device that is online can do for code that needs the server, the phone or the media
// servers: app state, the history, a backfill. A Session (online/session.h) is one; a test plays
// another.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <vector>

#include "base/jid.h"
#include "history/media_servers.h"
#include "session/device/device.h"
#include "wire/node.h"

namespace wasync {

namespace pb {
class Message;
}

// One connection's lifetime. Used from one io_context thread; held by shared_ptr, so that code that
// waits for an answer may outlive the connection: then the wait ends with Error(kNetwork).
class LiveConnection {
 public:
  LiveConnection() = default;
  virtual ~LiveConnection() = default;
  LiveConnection(const LiveConnection&) = delete;
  LiveConnection& operator=(const LiveConnection&) = delete;

  virtual const Device& device() const = 0;
  virtual bool is_open() const = 0;

  // See Stream::query.
  virtual boost::asio::awaitable<Node> query(Node iq) = 0;
  // Drops the node silently when the connection has ended: see `confirm_sent`.
  virtual void send(const Node& node) = 0;
  // Returns when the server has read everything sent before. Throws Error kNetwork or kTimeout.
  virtual boost::asio::awaitable<void> confirm_sent() = 0;
  // Seals a message to our own phone (see `peer_message`) in the caller's transaction; send it once
  // that is committed. Nothing when we have no session with the phone.
  virtual std::optional<Node> seal_for_phone(const pb::Message& content) = 0;
  // Asks the server for the LIDs and verified names of people, `kMostPeople` at most, and stores
  // them: see receive/missing_names.h. Throws Error(kNetwork) when the connection has ended; what
  // the server does not tell stays unknown.
  virtual boost::asio::awaitable<void> look_up_people(std::vector<Jid> people) = 0;
  // The servers that keep the blobs. Throws like `query`, and Error(kProtocol) when the server
  // names no host.
  virtual boost::asio::awaitable<MediaServers> media_servers() = 0;
};

}  // namespace wasync
