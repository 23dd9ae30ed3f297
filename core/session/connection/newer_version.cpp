#include "session/connection/newer_version.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/log.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

asio::awaitable<CompanionOptions> answer_of(std::function<CompanionOptions()> ask) {
  co_return ask();
}

}  // namespace

asio::awaitable<std::optional<CompanionOptions>> newer_version(
    asio::any_io_executor workers, std::function<CompanionOptions()> ask,
    CompanionOptions refused) {
  if (!ask || refused.version_source == VersionSource::kOption) co_return std::nullopt;
  auto asking = asio::co_spawn(workers, answer_of(std::move(ask)), asio::use_awaitable);
  const CompanionOptions answer = co_await std::move(asking);
  if (answer.version == refused.version) co_return std::nullopt;
  log::info("web version {} was refused; now {}", refused.version.to_string(),
            answer.version.to_string());
  refused.version = answer.version;
  refused.version_source = answer.version_source;
  co_return refused;
}

}  // namespace wasync
