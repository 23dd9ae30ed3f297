// What a report holds: about this host and its accounts, and nothing of anybody's conversations.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/stand_ins.h"
#include "cli/options.h"

namespace wasync {

// Of this program, the system and the libraries that it runs with.
nlohmann::ordered_json versions_json();

// Which options and variables are set. A value is shown only when it is a number, a word of ours
// like "firestore", or a language: of others (paths, names, keys) only that they are set.
nlohmann::ordered_json settings_json(const GlobalOptions& global);

// A diagnosis (diagnose_view.h) with accounts as stand-ins, without names, numbers and sentences:
// causes, states, counts and times stay.
nlohmann::ordered_json without_people(const nlohmann::ordered_json& diagnosis,
                                      const StandIns& stand_ins);

// The number of rows in each table of an account's file, and the versions of its parts. Counting
// takes a moment with millions of messages; the file is only read. Throws what Database does.
nlohmann::ordered_json counters_json(const std::filesystem::path& account_file);

// The end of a trace (wire/trace.h), whole lines, at most this long; with what the trace held
// before it was rotated where the file alone is shorter. Lines that no trace has are left out and
// counted, so that a wrong file gives nothing away. Throws Error(kIo) when it cannot be read.
struct TraceEnd {
  std::string text;
  std::size_t lines = 0;
  std::size_t foreign_lines = 0;
};
TraceEnd trace_end(const std::filesystem::path& trace, std::size_t most_bytes);

}  // namespace wasync
