// usage: store-faults --old-account FILE [--every N] [--first N] [--work NAME] [--trouble NAME]
//
// Makes the calls fail, one after the other, by which SQLite reads and writes an account's file,
// while wa-sync takes in a history or live messages, makes an account or updates a file
// (store_work.h); then lets it go on, with the same connection and with a new one, and compares the
// file with that of a run that nothing disturbed. Prints a line of JSON for each kind of work and
// of trouble. Exit status 1: something was lost, there twice or different, or the program would
// have ended.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "crash/contents.h"
#include "crash/fault_vfs.h"
#include "crash/store_work.h"
#include "scratch_dir.h"

namespace {

using namespace wasync;
using namespace wasync::test;
namespace fs = std::filesystem;

constexpr int kPatience = 5;  // times that it goes on without any trouble

enum class Afterwards { kSameConnection, kNewConnection };

struct Figures {
  int calls = 0;     // of a run without trouble, as many as may fail
  int faults = 0;    // runs in which something failed
  int reported = 0;  // as an Error; the rest was of no importance, or was tried again
  int lost = 0;
  int twice = 0;
  int other = 0;
  int defects = 0;  // runs that did not end as they should
  std::map<std::string, int, std::less<>> of_kind{};
};

// One kind of work, again and again.
class Runs {
 public:
  explicit Runs(Work& work) : work_(work) {
    work_.prepare(scratch_ / "before");
    undisturbed();
    expected_ = contents_of(work_.file(state()));
  }

  const Contents& expected() const { return expected_; }

  int calls_without_trouble(Trouble trouble) {
    begin();
    begin_trouble(trouble, 1 << 30);
    work_.go_on();
    work_.close();
    end_trouble();
    return calls_counted();
  }

  // Whether anything failed.
  bool run(Trouble trouble, int nth, Afterwards afterwards, Figures& figures) {
    begin();
    begin_trouble(trouble, nth);
    const bool reported = fails_properly(figures, nth);
    if (afterwards == Afterwards::kNewConnection) work_.close();
    const bool failed = calls_failed() > 0;
    const std::string kind(first_failed());
    end_trouble();
    if (!failed) work_.close();
    if (!failed) return false;
    ++figures.faults;
    ++figures.of_kind[kind];
    figures.reported += reported ? 1 : 0;
    try {
      if (reported) work_.go_on();
      for (int i = 0; i < kPatience && !work_.is_over(); ++i) work_.go_on();
      if (!work_.is_over()) defect(figures, nth, kind + ": it was never over");
    } catch (const std::exception& error) {
      defect(figures, nth, kind + ": it does not go on: " + error.what());
    }
    work_.close();
    const Difference found = difference(expected_, contents_of(work_.file(state())));
    figures.lost += found.lost;
    figures.twice += found.twice;
    figures.other += found.other;
    if (found.none()) return true;
    defect(figures, nth, kind + ": not as undisturbed");
    for (const std::string& example : found.examples)
      std::fprintf(stderr, "    %s\n", example.c_str());
    return true;
  }

 private:
  fs::path state() const { return scratch_ / "state"; }

  void begin() {
    work_.close();
    fs::remove_all(state());
    fs::copy(scratch_ / "before", state(), fs::copy_options::recursive);
    for (const auto& entry : fs::recursive_directory_iterator(state()))
      if (entry.is_directory()) fs::permissions(entry.path(), fs::perms::owner_all);
    fs::permissions(state(), fs::perms::owner_all);
    work_.begin(state());
  }

  void undisturbed() {
    begin();
    work_.go_on();
    work_.close();
    if (!work_.is_over()) throw std::runtime_error("it does not end even without trouble");
  }

  // What we throw ourselves says what is wrong; anything else ends the program.
  bool fails_properly(Figures& figures, int nth) {
    try {
      work_.go_on();
      return false;
    } catch (const Error& error) {
      const bool ours = error.code() == ErrorCode::kStore || error.code() == ErrorCode::kIo;
      if (!ours) defect(figures, nth, std::string("reported as ") + error.what());
    } catch (const std::exception& error) {
      defect(figures, nth, std::string("not reported but thrown: ") + error.what());
    }
    return true;
  }

  void defect(Figures& figures, int nth, const std::string& what) {
    ++figures.defects;
    std::fprintf(stderr, "%s, call %d: %s\n", std::string(work_.name()).c_str(), nth, what.c_str());
  }

  Work& work_;
  ScratchDir scratch_;
  Contents expected_;
};

nlohmann::json told(const Work& work, Trouble trouble, Afterwards afterwards,
                    const Figures& figures, std::size_t messages) {
  return {{"work", work.name()},
          {"trouble", name(trouble)},
          {"afterwards",
           afterwards == Afterwards::kSameConnection ? "same connection" : "new connection"},
          {"calls", figures.calls},
          {"faults", figures.faults},
          {"reported", figures.reported},
          {"messages", messages},
          {"lost", figures.lost},
          {"twice", figures.twice},
          {"other", figures.other},
          {"defects", figures.defects},
          {"of_kind", figures.of_kind}};
}

struct Options {
  fs::path old_account{};
  int every = 1;
  int first = 1;
  std::string work{};
  std::string trouble{};
};

int run(const Options& options) {
  int defects = 0;
  for (const auto& work : all_work(options.old_account)) {
    if (!options.work.empty() && work->name() != options.work) continue;
    Runs runs(*work);
    for (const Trouble trouble : {Trouble::kOnce, Trouble::kBroken, Trouble::kFull}) {
      if (!options.trouble.empty() && name(trouble) != options.trouble) continue;
      for (const Afterwards afterwards :
           {Afterwards::kSameConnection, Afterwards::kNewConnection}) {
        Figures figures{.calls = runs.calls_without_trouble(trouble)};
        for (int nth = options.first; runs.run(trouble, nth, afterwards, figures);
             nth += options.every) {
        }
        defects += figures.defects;
        std::puts(told(*work, trouble, afterwards, figures, runs.expected().messages.size())
                      .dump()
                      .c_str());
        std::fflush(stdout);
      }
    }
  }
  return defects == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Makes every call of the store fail, and looks what is lost.");
  app.add_option("--old-account", options.old_account, "a file of an older wa-sync")->required();
  app.add_option("--every", options.every, "only each of so many calls")
      ->check(CLI::PositiveNumber);
  app.add_option("--first", options.first, "the first of them")->check(CLI::PositiveNumber);
  app.add_option("--work", options.work, "history, live, pair or update");
  app.add_option("--trouble", options.trouble, "once, broken or full");
  CLI11_PARSE(app, argc, argv);
  log::start(log::Format::kText, -1);
  install_fault_vfs();
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "store-faults: %s\n", error.what());
    return 1;
  }
}
