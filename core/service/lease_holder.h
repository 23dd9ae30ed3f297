// This instance's claim, among several hosts, to one account or to one task of an account.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "base/host_sleep.h"
#include "firestore/client_thread.h"
#include "firestore/lease.h"
#include "service/lease_life.h"

namespace wasync {

// Used from one io_context thread; Firestore is asked on another.
class LeaseHolder {
 public:
  LeaseHolder(boost::asio::any_io_executor executor, firestore::ClientThread& firestore,
              firestore::LeaseFields lease, AccountId account, std::string instance,
              std::chrono::seconds duration, BootTime boot_time = {});
  // As this life of the instance, which remembers the lease in `file` for the next one. A lease of
  // the former life is ours at once when that life is over for sure; where it may be that of a
  // clone of this machine, once nobody has renewed it for half of its duration.
  void remember(LeaseLife life, std::filesystem::path file);

  enum class Standing {
    kOurs,
    kTaken,    // another instance's: see holder()
    kUnknown,  // Firestore cannot be asked, and nobody else was seen to hold it
  };
  // Claims or renews. With Firestore out of reach, a claim stands until it runs out; afterwards it
  // is kUnknown where nobody else was ever seen, else kTaken: the other host may have it by now.
  boost::asio::awaitable<Standing> claim();
  boost::asio::awaitable<void> release();
  const std::string& holder() const { return holder_; }
  // It was ours, and nothing has renewed it in time: the host has slept, say.
  bool has_lapsed() const { return ours_ && boot_time_.now() >= ours_until_; }

 private:
  bool seems_abandoned(const firestore::LeaseClaim& claim);
  bool is_of_earlier_life(const firestore::LeaseClaim& claim) const;
  void note_life();
  boost::asio::awaitable<firestore::LeaseClaim> ask();

  boost::asio::any_io_executor executor_;
  firestore::ClientThread& firestore_;
  firestore::LeaseFields lease_;
  AccountId account_;
  firestore::LeaseOwner owner_;
  std::chrono::seconds duration_;
  BootTime boot_time_;
  LeaseLife life_{};
  std::filesystem::path file_{};
  std::optional<LeaseLife> former_{};
  UnixSeconds seen_until_{};  // of a lease of the former life, and since when it says so
  BootClock::time_point seen_since_{};
  bool noted_ = false;  // the file has our life
  bool had_ = false;    // … and no earlier one
  bool others_seen_ = false;
  bool ours_ = false;
  std::string holder_;
  BootClock::time_point ours_until_{};
};

}  // namespace wasync
