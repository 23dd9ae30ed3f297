// What is random in the life of each process that asks for leases, and how a process that starts
// again knows that the life before it is over.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "inbox/ids.h"
#include "inbox/state_dir.h"

namespace wasync {

struct LeaseLife {
  std::string id;
  std::string boot;  // of the kernel: at another one, the process of that life is over
  // Ids of the lives before it, at the same boot, the last one first: one of them may have the
  // lease still, because this one was ended before it knew whether it had it. A bounded number.
  std::vector<std::string> earlier{};
};

// Of this process.
LeaseLife new_lease_life();

// Of the lease for the account's connection.
std::filesystem::path lease_life_file(const StateDir& state, const AccountId& account);

// The life that the file was last written in. Nothing when there is none, or when the file is a
// copy, whose original may be alive: a file knows itself by its number in the file system.
std::optional<LeaseLife> read_lease_life(const std::filesystem::path& file);
// Has no effect when the file cannot be written: then a lease runs out by itself.
void write_lease_life(const std::filesystem::path& file, const LeaseLife& life);

}  // namespace wasync
