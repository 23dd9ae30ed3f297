// Who asks over the control socket, without one.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "service/control.h"

namespace wasync::test {

struct Asker final : ControlAsker {
  std::vector<nlohmann::ordered_json> lines{};
  bool deaf = false;  // takes no line

  boost::asio::awaitable<void> tell(nlohmann::ordered_json line) override {
    if (deaf) throw Error(ErrorCode::kIo, "broken pipe");
    lines.push_back(std::move(line));
    co_return;
  }
  std::vector<std::string> events() const {
    std::vector<std::string> out;
    for (const auto& line : lines) out.push_back(line["event"]);
    return out;
  }
};

}  // namespace wasync::test
