// zlib (RFC 1950) and gzip (RFC 1952) compression, with the limits that data from a peer needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace wasync {

// Inflates data that arrives in pieces and may be larger than memory.
//
//   InflateStream stream(limit);
//   while (more) stream.feed(piece, [&](BytesView out) { use(out); });
//   stream.finish();
//
// After an exception, its own or the sink's, do not use the stream again.
class InflateStream {
 public:
  // Receives output in order. The view is valid during the call only and never empty.
  using Sink = std::function<void(BytesView)>;

  enum class Form { kZlib, kGzip };

  // At most `limit` bytes of output in total reach the sink.
  explicit InflateStream(std::uint64_t limit, Form form = Form::kZlib);
  ~InflateStream();
  InflateStream(InflateStream&&) noexcept;

  // Throws Error(kProtocol) when the data is damaged, continues after its end, or inflates to more
  // than the limit.
  void feed(BytesView compressed, const Sink& sink);
  // Call it when no more input comes. Throws Error(kProtocol) unless the stream has seen the end of
  // the data, with its checksum.
  void finish() const;

  std::uint64_t produced() const;  // bytes given to the sink so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Inflates all data at once; throws as InflateStream does.
Bytes inflate(BytesView compressed, std::size_t limit);

// The same for gzip.
Bytes gunzip(BytesView compressed, std::size_t limit);

Bytes deflate(BytesView data);

// Compresses to the form that Content-Encoding: gzip means; prefers speed to size.
std::string gzip(std::string_view data);

}  // namespace wasync
