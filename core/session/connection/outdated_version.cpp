#include "session/connection/outdated_version.h"

#include <string>

#include "base/error.h"

namespace wasync {
namespace {

Error outdated(const CompanionOptions& options) {
  const std::string what =
      "WhatsApp refuses web version " + options.version.to_string() + " as outdated (405); ";
  switch (options.version_source) {
    case VersionSource::kService:
      return {ErrorCode::kClientOutdated, what + "the service itself names it as current",
              "try again in a while; if it stays so, upgrade wa-sync"};
    case VersionSource::kOption:
      return {ErrorCode::kClientOutdated, what + "it was given with --web-version",
              "leave --web-version out, or give a newer one"};
    case VersionSource::kBuiltIn: break;
  }
  return {ErrorCode::kClientOutdated, what + "it is the built-in one",
          "set a newer one with --web-version, or upgrade wa-sync"};
}

}  // namespace

std::exception_ptr with_version(std::exception_ptr reason, const CompanionOptions& options) {
  if (!reason) return reason;
  try {
    std::rethrow_exception(reason);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kClientOutdated)
      return std::make_exception_ptr(outdated(options));
  } catch (...) {
    return reason;
  }
  return reason;
}

}  // namespace wasync
