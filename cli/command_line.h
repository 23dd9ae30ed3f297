// Turns arguments, environment and configuration file into options.
//
// Precedence: flag, environment (WA_SYNC_<OPTION>), configuration file, default. Every long
// option has its environment twin and may stand in the configuration file, either at the
// top (for whichever command knows it) or in its command's section ([pair], [threads.list]);
// except those that destroy or repair, which must be typed.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cli/options.h"

namespace wasync {

struct Invocation {
  GlobalOptions global;
  Command command;
};

// --help, --version and `help`: text for stdout, nothing else to do.
struct TextToPrint {
  std::string text;
};

// `arguments` without the program's name. Throws Error(kUsage or kConfig).
std::variant<Invocation, TextToPrint> parse_command_line(const std::vector<std::string>& arguments);

// Reads just enough (--json, --lang, --color, whatever else is wrong) to report an error of
// parse_command_line as the user wants it reported.
GlobalOptions options_for_errors(const std::vector<std::string>& arguments);

// One option of one command, as --help shows it; the man pages are tested against this.
struct OptionHelp {
  std::string command;      // "" for the options of every command, "threads list"
  std::string name;         // "--state-dir"
  std::string value;        // "DIR"; empty for a flag
  std::string environment;  // "WA_SYNC_STATE_DIR"; empty when it must be typed
  std::string description;
};
std::vector<OptionHelp> all_options();

}  // namespace wasync
