// A SQLite VFS that fails on purpose: it hands every call to the system's, counts those that can
// fail, and answers the n-th of them, or all from the n-th on, as a failing disk does. A write that
// fails has written half of its bytes.
#pragma once

#include <optional>
#include <string_view>

namespace wasync::test {

enum class Trouble {
  kOnce,    // one call fails, whichever it is, and then everything works
  kBroken,  // from then on every call fails: the disk is gone
  kFull,    // from then on whatever needs room fails: only such calls count
};
std::string_view name(Trouble trouble);  // "once", …
std::optional<Trouble> trouble_from(std::string_view name);

// Becomes the VFS of every database that is opened from now on. Call it once.
void install_fault_vfs();

// Counts from 1 again; the n-th call is the first to fail. From any thread, while no database is
// used.
void begin_trouble(Trouble trouble, int nth);
// All calls work again.
void end_trouble();
// Since begin_trouble.
int calls_counted();
int calls_failed();
// The kind of the first call that failed: "write", "sync", …; empty: none did.
std::string_view first_failed();

}  // namespace wasync::test
