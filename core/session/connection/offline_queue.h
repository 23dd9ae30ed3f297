// Asks for the stanzas that waited on the server while we were away. The server announces them
// (<offline_preview>), gives a handful, and gives the rest only on request (<offline_batch>), until
// it says that this was all (<offline>). Facts: Baileys Socket/socket.ts; whatsapp-rust
// client/offline_resume.rs, which asks for the next batch a tenth of a second after the first
// stanza of one.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>

#include "base/wake.h"
#include "wire/node.h"

namespace wasync {

class Stream;

// The queue of one login. Used from one io_context thread; must outlive pull().
class OfflineQueue {
 public:
  // `patience`: how long the server may give nothing before we ask again.
  OfflineQueue(boost::asio::any_io_executor executor, std::chrono::milliseconds patience)
      : patience_(patience), news_(std::move(executor)) {}

  // Takes what the server says in an <ib>. True when stanzas wait: then call pull().
  bool hear(const Node& about);
  // Counts a stanza of the queue that is stored and answered. Ignores other stanzas.
  void stored(const Node& stanza);
  // We refused a stanza: the server may hold back all others because of it.
  void refused() { refused_ = true; }

  // Runs until everything has come, the stream has ended, or the server has stayed silent three
  // times. Throws Error(kNetwork) when the server stays silent because we refused a stanza: at the
  // next login we ack that stanza. Call end() when the stream has ended.
  boost::asio::awaitable<void> pull(std::shared_ptr<Stream> stream);
  void end();

 private:
  std::chrono::milliseconds patience_;
  Wake news_;
  std::uint64_t arrived_ = 0;
  std::uint64_t announced_ = 0;
  bool pulling_ = false;
  bool over_ = false;
  bool refused_ = false;
};

}  // namespace wasync
