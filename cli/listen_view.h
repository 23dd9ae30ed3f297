// What `listen` tells: events as JSON lines on stdout, or else lines of its log.
#pragma once

#include <memory>
#include <string>

#include "cli/console.h"
#include "service/service_event.h"

namespace wasync {

class ListenView {
 public:
  virtual ~ListenView() = default;
  virtual void started(std::size_t accounts, const std::string& instance,
                       const std::string& http) = 0;
  virtual void show(const ServiceEvent& event) = 0;
  virtual void stopping() = 0;
};
std::unique_ptr<ListenView> make_listen_view(const Console& console);

}  // namespace wasync
