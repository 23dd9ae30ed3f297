#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>

#include <cstdlib>
#include <memory>

namespace wasync::log {

void start(Format format, int level) {
  auto logger = std::make_shared<spdlog::logger>("wa-sync",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (format == Format::kJson) {
    logger->set_pattern(R"({"ts":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%v"})",
                        spdlog::pattern_time_type::utc);
  } else if (std::getenv("JOURNAL_STREAM") != nullptr) {
    logger->set_pattern("%v");
  } else {
    logger->set_pattern("%H:%M:%S %l: %v");
  }
  constexpr spdlog::level::level_enum levels[] = {spdlog::level::err, spdlog::level::warn,
                                                  spdlog::level::info, spdlog::level::debug};
  const int index = level < -1 ? 0 : level > 2 ? 3 : level + 1;
  logger->set_level(levels[index]);
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace wasync::log
