#include "inbox/state_dir.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <map>

#include "fixture.h"

namespace state_dir_test {

using namespace wasync;
using namespace wasync::test;
namespace fs = std::filesystem;

namespace {

Environment with(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

unsigned mode_of(const fs::path& path) {
  struct stat facts {};
  REQUIRE(::lstat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777U;
}

ErrorCode code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    CHECK_FALSE(std::string(error.what()).empty());
    return error.code();
  }
  FAIL("nothing was thrown");
  return ErrorCode::kInternal;
}

void touch(const fs::path& file) {
  std::ofstream out(file);
  REQUIRE(out.good());
}

}  // namespace

TEST_CASE("the state directory is found in the documented order") {
  std::map<std::string, std::string> values{{"HOME", "/home/op"}};
  CHECK(resolve_state_dir({}, with(values)) == "/home/op/.local/state/wa-sync");
  values["XDG_STATE_HOME"] = "relative/is/ignored";
  CHECK(resolve_state_dir({}, with(values)) == "/home/op/.local/state/wa-sync");
  values["XDG_STATE_HOME"] = "/xdg";
  CHECK(resolve_state_dir({}, with(values)) == "/xdg/wa-sync");
  values["STATE_DIRECTORY"] = "/var/lib/wa-sync:/var/lib/other";
  CHECK(resolve_state_dir({}, with(values)) == "/var/lib/wa-sync");
  values["WA_SYNC_STATE_DIR"] = "/chosen/by/../env/";
  CHECK(resolve_state_dir({}, with(values)) == "/chosen/env");
  CHECK(resolve_state_dir(fs::path("/flag"), with(values)) == "/flag");
  CHECK(resolve_state_dir(fs::path("here"), with(values)) == fs::current_path() / "here");
  CHECK(code_of([] { resolve_state_dir({}, with({})); }) == ErrorCode::kConfig);
}

TEST_CASE("what is created is private, whatever the umask") {
  ScratchDir scratch;
  const mode_t former = ::umask(0);
  const StateDir state = StateDir::open(scratch.path() / "deep" / "state");
  const AccountId id = account_id_for(kPhone);
  state.create_account(id);
  const auto lock = AccountLock::acquire(state, id);
  { Database db(state.account_file(id)); }
  ::umask(former);
  for (const fs::path& directory :
       {state.root(), state.root() / "accounts", state.run_dir(), state.account_dir(id)}) {
    CHECK(mode_of(directory) == 0700);
  }
  CHECK(mode_of(state.lock_file(id)) == 0600);
  CHECK(mode_of(state.account_file(id)) == 0600);
  CHECK(state.account_file(id) == state.root() / "accounts" / id.str() / "wa-sync.db");
  CHECK(state.control_socket(id) == state.root() / "run" / (id.str() + ".sock"));
}

TEST_CASE("a directory that others may enter is refused, with the command that helps") {
  ScratchDir scratch;
  const fs::path root = scratch.path() / "state";
  const StateDir state = StateDir::open(root);
  const AccountId id = account_id_for(kPhone);
  state.create_account(id);
  for (const fs::path& directory : {root, root / "accounts", root / "run"}) {
    ::chmod(directory.c_str(), 0750);
    try {
      StateDir::open(root);
      FAIL("was accepted");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kConfig);
      CHECK(error.hint().find("chmod 700 '" + directory.string()) != std::string::npos);
    }
    CHECK(code_of([&] { StateDir::open_existing(root); }) == ErrorCode::kConfig);
    ::chmod(directory.c_str(), 0700);
  }
  ::chmod(state.account_dir(id).c_str(), 0701);
  CHECK(code_of([&] { state.create_account(id); }) == ErrorCode::kConfig);
}

TEST_CASE("a directory of another user is refused") {
  if (::geteuid() != 0) return;  // only root can make one
  ScratchDir scratch;
  const StateDir state = StateDir::open(scratch.path() / "state");
  REQUIRE(::chown(state.root().c_str(), 1, 1) == 0);
  CHECK(code_of([&] { StateDir::open(state.root()); }) == ErrorCode::kConfig);
}

TEST_CASE("links inside the tree are not followed; the root itself may be one") {
  ScratchDir scratch;
  const AccountId id = account_id_for(kPhone);
  const fs::path elsewhere = scratch.path() / "elsewhere";
  const StateDir target = StateDir::open(elsewhere);
  target.create_account(id);
  touch(target.account_file(id));

  fs::create_directory_symlink(elsewhere, scratch.path() / "link");
  CHECK(StateDir::open(scratch.path() / "link").accounts().size() == 1);

  const StateDir state = StateDir::open(scratch.path() / "state");
  fs::create_directory_symlink(target.account_dir(id), state.account_dir(id));
  CHECK(state.accounts().empty());
  CHECK_FALSE(state.has_account(id));
  CHECK(code_of([&] { state.create_account(id); }) == ErrorCode::kConfig);
  CHECK(code_of([&] { AccountLock::acquire(state, id); }) == ErrorCode::kConfig);
  state.remove_account(id);
  CHECK(fs::exists(target.account_file(id)));

  fs::remove(state.root() / "accounts");
  fs::create_directory_symlink(elsewhere / "accounts", state.root() / "accounts");
  CHECK(code_of([&] { StateDir::open(state.root()); }) == ErrorCode::kConfig);
}

TEST_CASE("a file where the directory should be is refused") {
  ScratchDir scratch;
  touch(scratch.path() / "file");
  CHECK(code_of([&] { StateDir::open(scratch.path() / "file"); }) == ErrorCode::kConfig);
  CHECK(code_of([&] { StateDir::open(scratch.path() / "file" / "below"); }) == ErrorCode::kIo);
}

TEST_CASE("reading commands do not create a state directory") {
  ScratchDir scratch;
  CHECK_FALSE(StateDir::open_existing(scratch.path() / "none"));
  CHECK_FALSE(fs::exists(scratch.path() / "none"));
}

TEST_CASE("accounts are listed; what is none is skipped") {
  ScratchDir scratch;
  const StateDir state = StateDir::open(scratch.path() / "state");
  const AccountId one = account_id_for("+40711111111");
  const AccountId two = account_id_for("+40722222222", "dev");
  for (const AccountId& id : {one, two}) {
    state.create_account(id);
    touch(state.account_file(id));
  }
  state.create_account(account_id_for("+40733333333"));  // without a file
  fs::create_directory(state.root() / "accounts" / "lost+found");
  touch(state.root() / "accounts" / "account_prod_x");
  std::vector<AccountId> expected{one, two};
  std::sort(expected.begin(), expected.end());
  CHECK(state.accounts() == expected);
  state.remove_account(one);
  CHECK(state.accounts() == std::vector<AccountId>{two});
}

TEST_CASE("an account is held by one at a time, in this process too") {
  ScratchDir scratch;
  const StateDir state = StateDir::open(scratch.path() / "state");
  const AccountId id = account_id_for(kPhone);
  CHECK_FALSE(AccountLock::holder(state, id));
  {
    const auto lock = AccountLock::acquire(state, id);
    CHECK(AccountLock::holder(state, id) == ::getpid());
    CHECK_FALSE(AccountLock::try_acquire(state, id));
    try {
      AccountLock::acquire(state, id);
      FAIL("was acquired twice");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kHeldElsewhere);
      CHECK(std::string(error.what()).find(std::to_string(::getpid())) != std::string::npos);
      CHECK_FALSE(error.hint().empty());
    }
    CHECK(AccountLock::try_acquire(state, account_id_for("+40700000001")));
  }
  CHECK_FALSE(AccountLock::holder(state, id));
  auto lock = AccountLock::try_acquire(state, id);
  REQUIRE(lock);
  const AccountLock moved = std::move(*lock);
  lock.reset();
  CHECK_FALSE(AccountLock::try_acquire(state, id));
}

TEST_CASE("the kernel frees the account of a process that dies") {
  ScratchDir scratch;
  const StateDir state = StateDir::open(scratch.path() / "state");
  const AccountId id = account_id_for(kPhone);
  std::array<int, 2> ready{};
  REQUIRE(::pipe(ready.data()) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = AccountLock::try_acquire(state, id);
    const char answer = lock ? 'y' : 'n';
    if (::write(ready[1], &answer, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  REQUIRE(child > 0);
  ::close(ready[1]);
  char answer = 0;
  CHECK(::read(ready[0], &answer, 1) == 1);
  ::close(ready[0]);
  CHECK(answer == 'y');
  CHECK(AccountLock::holder(state, id) == child);
  CHECK_FALSE(AccountLock::try_acquire(state, id));
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(AccountLock::try_acquire(state, id));
}

}  // namespace state_dir_test
