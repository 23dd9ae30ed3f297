// What an account's file holds, to compare it with the file of a run that nothing disturbed.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace wasync::test {

struct Contents {
  std::map<std::string, std::string> messages{};  // by conversation and id
  std::vector<std::string> rows{};                // of all other tables
  std::vector<std::string> unsound{};             // what SQLite's own checks found
};

// Every row of every table, but for times, random keys and revisions. Of the search index, whether
// it has what the rows say.
Contents contents_of(const std::filesystem::path& file);

struct Difference {
  int lost = 0;   // messages
  int twice = 0;  // messages that are there more often, or should not be
  int other = 0;  // rows that differ, of messages and of other tables
  std::vector<std::string> examples{};

  bool none() const { return lost == 0 && twice == 0 && other == 0; }
};
Difference difference(const Contents& expected, const Contents& found);

}  // namespace wasync::test
