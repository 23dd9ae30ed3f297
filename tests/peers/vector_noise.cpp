#include <memory>
#include <optional>

#include "base/error.h"
#include "vector_tool.h"
#include "wire/frame.h"
#include "wire/noise.h"

namespace wasync::peers {
namespace {

// Either side of a connection, from the handshake to the transport, fed and read as the
// bytes of a stream.
struct Side {
  std::optional<NoiseInitiator> initiator;
  std::optional<NoiseResponder> responder;
  std::optional<TransportCiphers> ciphers;
  FrameReader frames;
  Bytes intro;  // still to be sent before the first frame

  Bytes framed(BytesView payload) {
    Bytes out = std::exchange(intro, {});
    append_frame(out, payload);
    return out;
  }
  Bytes next_frame(BytesView stream) {
    frames.feed(stream);
    auto frame = frames.next();
    if (!frame) throw Error(ErrorCode::kProtocol, "no complete frame");
    return *std::move(frame);
  }
};

using Sides = std::vector<std::unique_ptr<Side>>;

Side& side_in(Sides& sides, const Json& request) {
  return *sides.at(request.at("side").get<std::size_t>());
}

void add_initiator(Operations& operations, const std::shared_ptr<Sides>& sides) {
  // Returns the stream's first bytes: intro and client hello.
  operations["noise_initiator"] = [sides](const Json& request) {
    auto side = std::make_unique<Side>();
    side->initiator.emplace(KeyPair::from_private(bytes_in(request, "private")));
    const Bytes routing = optional_bytes_in(request, "routing");
    side->intro = routing.empty() ? to_bytes(intro_header()) : intro_with_routing(routing);
    const Bytes hello = side->framed(side->initiator->client_hello());
    sides->push_back(std::move(side));
    return Json{{"side", sides->size() - 1}, {"bytes", bytes_out(hello)}};
  };
  operations["noise_read_server_hello"] = [sides](const Json& request) {
    Side& side = side_in(*sides, request);
    const auto proof =
        side.initiator.value().read_server_hello(side.next_frame(bytes_in(request, "bytes")));
    return Json{{"static", bytes_out(proof.static_key)},
                {"chain", bytes_out(proof.certificate_chain)}};
  };
  operations["noise_client_finish"] = [sides](const Json& request) {
    Side& side = side_in(*sides, request);
    const Bytes finish =
        side.framed(side.initiator.value().client_finish(bytes_in(request, "payload")));
    side.ciphers = side.initiator->transport();
    return bytes_out(finish);
  };
}

void add_responder(Operations& operations, const std::shared_ptr<Sides>& sides) {
  // Takes the client's first bytes, answers with the server hello.
  operations["noise_responder"] = [sides](const Json& request) {
    auto side = std::make_unique<Side>();
    side->frames = FrameReader::after_intro();
    side->responder.emplace(KeyPair::from_private(bytes_in(request, "private")));
    side->responder->read_client_hello(side->next_frame(bytes_in(request, "bytes")));
    const Bytes hello = side->framed(side->responder->server_hello(bytes_in(request, "chain")));
    sides->push_back(std::move(side));
    return Json{{"side", sides->size() - 1}, {"bytes", bytes_out(hello)}};
  };
  operations["noise_read_client_finish"] = [sides](const Json& request) {
    Side& side = side_in(*sides, request);
    const auto proof =
        side.responder.value().read_client_finish(side.next_frame(bytes_in(request, "bytes")));
    side.ciphers = side.responder->transport();
    return Json{{"static", bytes_out(proof.static_key)}, {"payload", bytes_out(proof.payload)}};
  };
}

}  // namespace

void add_noise_operations(Operations& operations) {
  const auto sides = std::make_shared<Sides>();
  add_initiator(operations, sides);
  add_responder(operations, sides);
  operations["noise_send"] = [sides](const Json& request) {
    Side& side = side_in(*sides, request);
    return bytes_out(side.framed(side.ciphers.value().send.encrypt(bytes_in(request, "data"))));
  };
  operations["noise_receive"] = [sides](const Json& request) {
    Side& side = side_in(*sides, request);
    return bytes_out(
        side.ciphers.value().receive.decrypt(side.next_frame(bytes_in(request, "bytes"))));
  };
}

}  // namespace wasync::peers
