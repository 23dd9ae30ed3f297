// Why the server ends a stream or refuses one, as an Error with a sentence and a hint.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "wire/node.h"

namespace wasync {

// A <stream:error> after which the server wants us back at once. It ends a pairing this way,
// and a session now and then.
bool demands_restart(const Node& node);

// The Error that a <stream:error>, <failure> or <xmlstreamend> means; nothing for any other node.
// kNetwork: connecting again may help. All others: somebody must first do something. Codes:
// whatsmeow connectionevents.go, types/events.
std::optional<Error> stream_end(const Node& node);

// Error(kServerRefused) for an IQ that the server answered with type "error". Its codes say why,
// like those of HTTP.
class RefusedQuery : public Error {
 public:
  RefusedQuery(std::string_view what, const Node& answer);
  std::uint64_t reason() const { return reason_; }  // 0 when the server gave none

 private:
  std::uint64_t reason_;
};

}  // namespace wasync
