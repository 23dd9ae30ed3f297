#include "cli/inbox_choice.h"

#include <algorithm>

#include "base/counted.h"
#include "base/log.h"

namespace wasync {
namespace {

std::string named_project(const GlobalOptions& global, const Environment& environment) {
  if (!global.project.empty()) return global.project;
  for (const char* name : {"WA_SYNC_FIRESTORE_PROJECT", "GOOGLE_CLOUD_PROJECT"})
    if (const auto project = environment(name)) return *project;
  return {};
}

// Both become part of an URL and of document names.
void check_id(const std::string& id, const char* option) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
  };
  const bool begins_well = !id.empty() && id.front() != '.' && id.front() != '-';
  if (begins_well && id.size() <= 100 && std::ranges::all_of(id, allowed)) return;
  throw Error(
      ErrorCode::kConfig,
      Phrase{"{}: \"{}\" is not a valid Google id", "{}: „{}” nu este un id Google valid"}.with(
          option, id),
      Phrase{"An id has small letters, digits and dashes.",
             "Un id are litere mici, cifre și liniuțe."});
}

}  // namespace

std::optional<FirestoreInbox> firestore_inbox(const GlobalOptions& global,
                                              const Environment& environment) {
  if (global.inbox == "sqlite") return std::nullopt;
  std::string project = named_project(global, environment);
  const bool wanted = global.inbox == "firestore";
  if (!wanted && project.empty() && !Credentials::configured(environment)) return std::nullopt;

  FirestoreInbox out;
  out.credentials = std::make_shared<Credentials>(Credentials::find(environment));
  out.target.emulator = out.credentials->emulator().value_or("");
  out.target.database = global.database;
  if (project.empty() && !out.target.emulator.empty()) project = kEmulatorProject;
  if (project.empty()) {
    HttpClient http;
    project = out.credentials->project(http).value_or("");
  }
  if (project.empty()) {
    if (!wanted) return std::nullopt;
    throw Error(
        ErrorCode::kConfig,
        Phrase{"no Firestore project is configured", "nu este configurat niciun proiect Firestore"},
        Phrase{"Name it with --project or GOOGLE_CLOUD_PROJECT, and its key file with "
               "GOOGLE_APPLICATION_CREDENTIALS.",
               "Numește-l cu --project sau GOOGLE_CLOUD_PROJECT, iar fișierul cu cheia "
               "lui cu GOOGLE_APPLICATION_CREDENTIALS."});
  }
  check_id(project, "--project");
  if (global.database != "(default)") check_id(global.database, "--database");
  out.target.project = project;
  for (const std::string& warning : out.credentials->warnings()) log::warn("{}", warning);
  return out;
}

Error unfinished_upload(const FirestoreInbox& inbox, const firestore::UploadState& upload,
                        Phrase advice) {
  const Error why = upload.trouble
                        ? firestore::to_error(*upload.trouble, "writing", inbox.target.project)
                        : Error(ErrorCode::kFirestoreUnreachable,
                                Phrase{"Firestore does not take them", "Firestore nu le primește"});
  const Phrase both{"{}\n{}", "{}\n{}"};
  return {why.code(),
          Phrase{"not everything is in Firestore yet, {} still to send: {}",
                 "nu totul este în Firestore încă, mai sunt {} de trimis: {}"}
              .with(counted(noun::kDocument, upload.queued), why.message()),
          why.advice().empty() ? Words(advice) : both.with(advice, why.advice())};
}

}  // namespace wasync
