// What the user asked for: plain values, filled from flags, environment and configuration
// file by command_line.h. Defaults stand here and nowhere else.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/phrase.h"
#include "cli/term/style.h"
#include "service/backfill_schedule.h"
#include "session/connection/web_version.h"

namespace wasync {

struct GlobalOptions {
  std::vector<std::string> arguments;  // all of this, as it was typed: to be read once more
  std::string state_dir;               // empty: where state_dir.h looks by itself
  bool network_state_dir = false;      // see network_file_system.h
  std::string account;                 // id, phone or name; empty: the only one, or all of them
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  term::ColorWhen color = term::ColorWhen::kAuto;
  Language language = Language::kEnglish;
  bool log_json = false;
  std::string server;                     // empty: the real service
  std::string server_key;                 // 64 hex digits; empty: WhatsApp's own
  std::optional<WebVersion> web_version;  // to claim, whatever the service says
  bool ask_web_version = true;            // else, and when it does not say: the built-in one
  std::string trace;                      // of pair, listen and backfill; empty: none
  std::optional<bool> search_index;       // likewise; nothing: as the account's file has it
  std::string inbox;                      // "sqlite", "firestore"; empty: see inbox_choice.h
  std::string project;                    // of Firestore; empty: see there
  std::string database = "(default)";
};

enum class QrChoice { kAuto, kUtf8, kAscii };

struct PairOptions {
  std::string phone;     // E.164; empty: whichever phone answers
  std::string name;      // what the operator calls the account
  bool by_code = false;  // typed on `phone`, instead of a QR code
  QrChoice qr = QrChoice::kAuto;
  std::string qr_png;          // empty: no picture
  std::string passkey_script;  // file; empty: only shown
  bool full_history = true;
  bool again = false;
  bool wait = true;  // for the history
  std::chrono::seconds timeout = std::chrono::minutes(10);
};

struct UnpairOptions {
  bool purge = false;  // also delete the inbox
  bool yes = false;    // without asking
  std::chrono::seconds timeout = std::chrono::minutes(1);
};

struct ListenOptions {
  std::string http;                                       // ADDR:PORT; empty: no HTTP API
  std::string http_token_file;                            // empty: no such token
  std::string firebase_project;                           // of the users in the list; empty: none
  std::string http_allow;                                 // the list's file; empty: nobody
  std::chrono::seconds lease = std::chrono::seconds(90);  // of a claim to an account
  std::size_t backfill_threads = 50;                      // of a backfill that the API starts
  std::size_t backfill_count = 100;
  AutoBackfillOptions auto_backfill{};
};

struct BackfillOptions {
  std::vector<std::string> threads;      // as typed; empty: the newest
  std::optional<std::size_t> most = 50;  // of the newest; nothing: all
  std::size_t count = 100;               // messages for each
  int in_flight = 1;                     // requests that the phone has at once
  bool force = false;                    // also where the phone has said that there is no more
  bool dry_run = false;
  std::chrono::seconds timeout = std::chrono::minutes(5);
};

struct DiagnoseOptions {
  bool live = false;        // WhatsApp itself is asked
  bool check_file = false;  // all of it, however large
  std::chrono::milliseconds timeout = std::chrono::seconds(10);
  bool fix = false;
  bool yes = false;  // do not ask
};

struct ReportOptions {
  std::string file;   // to write; empty: named after the time, in the working directory
  std::string trace;  // whose end goes along; empty: none
};

struct AccountsListOptions {};

struct MessagesSearchOptions {
  std::string text;
  std::string thread;  // as typed; empty: all
  std::size_t limit = 50;
  UnixSeconds since;
};

struct ThreadsListOptions {
  std::optional<std::size_t> limit = 50;  // nothing: all
  bool hidden = false;
  bool from_firestore = false;  // what the app gets, instead of what is stored here
  std::string search;
  UnixSeconds since;
};

struct ThreadsShowOptions {
  std::string thread;
  std::size_t limit = 50;
  UnixSeconds before;
};

using Command = std::variant<AccountsListOptions, BackfillOptions, DiagnoseOptions, ListenOptions,
                             MessagesSearchOptions, PairOptions, ReportOptions, UnpairOptions,
                             ThreadsListOptions, ThreadsShowOptions>;

}  // namespace wasync
