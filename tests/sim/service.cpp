#include "sim/service.h"

#include <algorithm>
#include <iostream>

#include "base/clock.h"
#include "sim/scratch_directory.h"
#include "sim/world.h"
#include "wire/certificate.h"

namespace wasync::sim {
namespace {

constexpr std::int64_t kDay = 86'400;

// The first owner is the dataset's own; the others count on from its numbers.
Owner nth_owner(const Owner& first, std::size_t n) {
  if (n == 0) return first;
  return {.phone = std::to_string(std::stoull(first.phone) + n),
          .lid = std::to_string(std::stoull(first.lid) + n),
          .push_name = "Utilizatorul " + std::to_string(n + 1)};
}

Dataset nth_dataset(const Options& options, std::size_t n) {
  const std::string& name = options.datasets.at(std::min(n, options.datasets.size() - 1));
  Dataset dataset = Dataset::make(name, options.seed + n, options.older);
  dataset.owner = nth_owner(dataset.owner, n);
  return dataset;
}

}  // namespace

Service::Service(Options options_, boost::asio::any_io_executor executor_)
    : executor(std::move(executor_)),
      options(std::move(options_)),
      scratch_(std::make_unique<ScratchDirectory>()) {
  for (const std::string& fault : options.faults) faults.set(fault);
  const std::size_t count = options.users == 0 ? options.datasets.size() : options.users;
  for (std::size_t n = 0; n < count; ++n) {
    Dataset dataset = nth_dataset(options, n);
    if (n == 0 && faults.on("number")) dataset.owner.phone = faults.value("number");
    World& world = *users.emplace_back(std::make_unique<World>(*this, std::move(dataset), n));
    by_digits_[world.dataset.owner.phone] = &world;
    by_digits_[world.dataset.owner.lid] = &world;
  }
}

Service::~Service() = default;

ServerIdentity Service::server_identity() const {
  // By the clients' clock, also where it is wrong: what they then store is what tests look at.
  const std::int64_t now = UnixSeconds::of_host().value;
  CertificateChainOptions certificate{.not_before = {now - kDay}, .not_after = {now + 90 * kDay}};
  if (faults.on("expired-cert"))
    certificate = {.not_before = {now - 90 * kDay}, .not_after = {now - kDay}};
  const KeyPair other = KeyPair::generate();
  const KeyPair& signer = faults.on("wrong-root") ? other : root;
  const PublicKey& certified =
      faults.on("bad-cert-chain") ? other.public_key : noise_static_.public_key;
  return {.noise_static = noise_static_,
          .certificate_chain = make_certificate_chain(signer, certified, certificate)};
}

World* Service::user(std::string_view digits) const {
  const auto found = by_digits_.find(digits);
  return found == by_digits_.end() ? nullptr : found->second;
}

std::filesystem::path Service::next_file() {
  return scratch_->path() / ("party" + std::to_string(next_file_++) + ".db");
}

void Service::log(const std::string& line) const {
  if (options.verbose) std::cerr << "wa-sim: " << line << std::endl;
}

}  // namespace wasync::sim
