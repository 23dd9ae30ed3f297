// A file that tells which stanzas went over the wire, made to be sent to others: whoever reports a
// fault sends it, and nobody's conversation goes along.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "base/stand_ins.h"
#include "wire/node.h"

namespace wasync {

// One line a stanza:
//
//   2026-11-30T07:30:22.123Z 1 < <message from="#5be1c0de@lid" id="3EB0#9a0b1c2d" type="text">…
//
// with the time, the number of the connection, and `<` for what came or `>` for what went out. Only
// what a list in trace.cpp names is written as it is: names of tags and attributes, and values that
// WhatsApp chose from a fixed set (types, classes, error codes, times, counts). An address, an id
// or any other value becomes a stand-in, "#" and eight hexadecimal digits: equal values have equal
// stand-ins within one run of the program, and a random key that is never written makes them
// useless to whoever wants to guess the value. Of bytes, only their number is written.
//
// May be used from any thread. A trace never fails its user: when a line cannot be written, a
// warning is logged and the trace ends.
class Trace {
 public:
  // Two files of this size at most: `file`, and "<file>.1" with what came before.
  static constexpr std::size_t kMostBytes = 16 * 1024 * 1024;

  // Appends to `file`; creates it for its owner alone (0600). Throws Error(kIo) when it cannot be
  // written, is a link or no regular file, holds something else than a trace, or others may read
  // it.
  explicit Trace(std::filesystem::path file, std::size_t most_bytes = kMostBytes);

  // The number of a new connection, for the calls below.
  unsigned connected();
  void closed(unsigned connection, std::string_view why);
  void sent(unsigned connection, const Node& node) { write(connection, '>', line_of(node)); }
  void received(unsigned connection, const Node& node) { write(connection, '<', line_of(node)); }
  // A stanza that came and could not be read.
  void unreadable(unsigned connection, std::size_t bytes);

  // Whether a line of a file looks like one of these.
  static bool is_line(std::string_view line);

  // As the file shows it, without time and connection.
  std::string line_of(const Node& node) const;

 private:
  std::string shown_jid(const Jid& jid) const;
  std::string shown_value(std::string_view tag, std::string_view key,
                          const Node::Value& value) const;
  void append(std::string& out, const Node& node, int depth) const;
  void write(unsigned connection, char direction, std::string_view text);
  void rotate();

  std::filesystem::path path_;
  std::size_t most_bytes_;
  StandIns stand_ins_;
  std::mutex mutex_;
  FileDescriptor file_;
  std::size_t size_ = 0;
  unsigned connections_ = 0;
};

}  // namespace wasync
