// zlib (RFC 1950) and gzip (RFC 1952) compression, with the bounds that data from a peer needs.
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
// After an exception, its own or one of the sink, the stream is of no further use.
class InflateStream {
 public:
  // Receives output in order. The view is valid during the call only and never empty.
  using Sink = std::function<void(BytesView)>;

  enum class Form { kZlib, kGzip };

  // At most `limit` bytes of output in total reach the sink.
  explicit InflateStream(std::uint64_t limit, Form form = Form::kZlib);
  ~InflateStream();
  InflateStream(InflateStream&&) noexcept;

  // Throws Error(kProtocol) when the data is damaged, goes on behind its end, or inflates
  // to more than the limit.
  void feed(BytesView compressed, const Sink& sink);
  // To be called when no more input comes: throws Error(kProtocol) unless the end of the
  // data, with its checksum, has been seen.
  void finish() const;

  std::uint64_t produced() const;  // bytes given to the sink so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The whole of it at once; throws as InflateStream does.
Bytes inflate(BytesView compressed, std::size_t limit);

// The same of gzip.
Bytes gunzip(BytesView compressed, std::size_t limit);

Bytes deflate(BytesView data);

// In the form that Content-Encoding: gzip means; quick rather than small.
std::string gzip(std::string_view data);

}  // namespace wasync
