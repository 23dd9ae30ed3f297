// What wa-sync does with an account's file, each in a small run that can be had again: with trouble
// in it, and without.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace wasync::test {

class Work {
 public:
  virtual ~Work() = default;
  virtual std::string_view name() const = 0;

  // Makes the file as it is before, in a state directory of its own. Once.
  virtual void prepare(const std::filesystem::path& state) = 0;
  // Nothing is open, and nothing is done. `state` is a copy of what was prepared.
  virtual void begin(const std::filesystem::path& state) = 0;
  // Does what is left, as the program does after it has waited: with the database that is open, if
  // one is. Throws what the program would.
  virtual void go_on() = 0;
  // Closes the database.
  virtual void close() = 0;
  // Whether the server, or the phone, has been told that all of it is done.
  virtual bool is_over() const = 0;
  // Of the run's state directory.
  virtual std::filesystem::path file(const std::filesystem::path& state) const = 0;
};

// A history of several chunks, taken in by the HistoryWorker; live messages in bursts, from several
// people and in a group; an account that is made; and `old_account`, which an old wa-sync wrote,
// that is updated.
std::vector<std::unique_ptr<Work>> all_work(const std::filesystem::path& old_account);

}  // namespace wasync::test
