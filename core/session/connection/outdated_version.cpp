#include "session/connection/outdated_version.h"

#include <string>

#include "base/error.h"

namespace wasync {
namespace {

Error outdated(const CompanionOptions& options) {
  const std::string version = options.version.to_string();
  switch (options.version_source) {
    case VersionSource::kService:
      return {
          ErrorCode::kClientOutdated,
          Phrase{"WhatsApp refuses web version {} as outdated (405); the service itself names it "
                 "as current",
                 "WhatsApp refuză versiunea web {} ca învechită (405); chiar serviciul o "
                 "numește curentă"}
              .with(version),
          Phrase{"Try again in a while; if WhatsApp still refuses it, upgrade wa-sync.",
                 "Încearcă din nou peste un timp; dacă WhatsApp tot o refuză, actualizează "
                 "wa-sync."}};
    case VersionSource::kRemembered:
      return {
          ErrorCode::kClientOutdated,
          Phrase{"WhatsApp refuses web version {} as outdated (405); it is the last one that the "
                 "service named, and now it names none",
                 "WhatsApp refuză versiunea web {} ca învechită (405); este ultima numită de "
                 "serviciu, iar acum nu numește niciuna"}
              .with(version),
          Phrase{"Try again in a while, or set a newer one with --web-version.",
                 "Încearcă din nou peste un timp sau pune una mai nouă cu --web-version."}};
    case VersionSource::kOption:
      return {ErrorCode::kClientOutdated,
              Phrase{"WhatsApp refuses web version {} as outdated (405); it was given with "
                     "--web-version",
                     "WhatsApp refuză versiunea web {} ca învechită (405); a fost dată cu "
                     "--web-version"}
                  .with(version),
              Phrase{"leave --web-version out, or give a newer one",
                     "omite --web-version sau dă una mai nouă"}};
    case VersionSource::kBuiltIn: break;
  }
  return {ErrorCode::kClientOutdated,
          Phrase{"WhatsApp refuses web version {} as outdated (405); it is the built-in one",
                 "WhatsApp refuză versiunea web {} ca învechită (405); este cea inclusă"}
              .with(version),
          Phrase{"Set a newer one with --web-version, or upgrade wa-sync.",
                 "Pune una mai nouă cu --web-version sau actualizează wa-sync."}};
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
