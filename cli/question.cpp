#include "cli/question.h"

#include <unistd.h>

#include <iostream>

#include "cli/term/terminal.h"

namespace wasync {

bool can_ask(const Console& console) {
  return term::is_terminal(STDIN_FILENO) && console.err_is_terminal;
}

bool ask(const std::string& question) {
  std::cerr << question << ' ' << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes" || answer == "d" || answer == "da";
}

}  // namespace wasync
