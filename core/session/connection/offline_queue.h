// Asking for what waited on the server while we were away. It announces it (<offline_preview>),
// gives a handful, and the rest only as it is asked for (<offline_batch>), until it says that this
// was all (<offline>). Facts: Baileys Socket/socket.ts; whatsapp-rust client/offline_resume.rs,
// which asks for the next batch a tenth of a second after the first stanza of one.
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

// Of one login. Used from one io_context thread; must outlive pull().
class OfflineQueue {
 public:
  // `patience`: how long the server may give nothing before it is asked again.
  OfflineQueue(boost::asio::any_io_executor executor, std::chrono::milliseconds patience)
      : patience_(patience), news_(std::move(executor)) {}

  // What the server says in an <ib>. True when something waits, which pull() is to ask for.
  bool hear(const Node& about);
  // A stanza of the queue is stored and answered; others are not counted.
  void stored(const Node& stanza);
  // We refused a stanza: the server may hold all others back for it.
  void refused() { refused_ = true; }

  // Until all has come, the stream has ended, or the server has stayed silent three times. Throws
  // Error(kNetwork) when it stays silent because of what we refused: at the next login that is
  // acked. Must be told that the stream has ended: see end().
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
