#include "sim/world.h"

#include <algorithm>
#include <iostream>

#include "base/clock.h"
#include "base/crypto.h"
#include "sim/client_session.h"
#include "sim/scratch_directory.h"
#include "wire/certificate.h"

namespace wasync::sim {
namespace {

constexpr std::int64_t kDay = 86'400;

}  // namespace

World::World(Options options_, boost::asio::any_io_executor executor_)
    : executor(std::move(executor_)),
      options(std::move(options_)),
      dataset(Dataset::make(options.dataset, options.seed, options.older)),
      scratch_(std::make_unique<ScratchDirectory>()) {
  for (const std::string& fault : options.faults) faults.set(fault);
  app_state.fill(dataset);
  phone_ = std::make_unique<SignalParty>(scratch_->path() / "phone.db", phone_key);
}

World::~World() = default;

ServerIdentity World::server_identity() const {
  const std::int64_t now = UnixSeconds::now().value;
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

Jid World::owner_jid() const {
  return {.user = dataset.owner.phone, .server = std::string(jid_server::kUser)};
}

Jid World::owner_lid() const {
  return {.user = dataset.owner.lid, .server = std::string(jid_server::kLid)};
}

Jid World::companion_jid(const Companion& companion) const {
  Jid jid = owner_jid();
  jid.device = companion.number;
  return jid;
}

Jid World::companion_lid(const Companion& companion) const {
  Jid jid = owner_lid();
  jid.device = companion.number;
  return jid;
}

SignalParty& World::party_of(const std::string& address) {
  if (address == dataset.owner.phone || address == dataset.owner.lid) return *phone_;
  // One device, whichever of the two addresses is used for it.
  std::string user = address;
  for (const Person& person : dataset.people)
    if (person.lid == address) user = person.phone;
  std::unique_ptr<SignalParty>& party = parties_[user];
  if (!party) {
    const auto file = scratch_->path() / ("party" + std::to_string(parties_.size()) + ".db");
    party = std::make_unique<SignalParty>(file, KeyPair::generate());
  }
  return *party;
}

void World::deliver(Companion& companion, Node stanza) {
  companion.pending.push_back(stanza);
  if (companion.active == nullptr) return;
  if (faults.on("swap") && !swapped_) {
    swapped_ = std::move(stanza);
    return;
  }
  companion.active->push(stanza);
  if (faults.on("duplicate")) companion.active->push(stanza);
  if (swapped_) {
    companion.active->push(*swapped_);
    swapped_.reset();
  }
}

void World::acknowledged(Companion& companion, std::string_view id) {
  std::erase_if(companion.pending, [&](const Node& stanza) { return stanza.text("id") == id; });
}

std::string World::next_stanza_id() {
  // As a phone makes them: 3A and 18 hexadecimal digits, here a hash of a counter.
  const std::string number = std::to_string(dataset.seed) + "/" + std::to_string(next_id_++);
  std::string id = "3A" + hex_encode(BytesView(sha256(as_bytes(number))).first(9));
  std::transform(id.begin(), id.end(), id.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return id;
}

void World::log(const std::string& line) const {
  if (options.verbose) std::cerr << "wa-sim: " << line << std::endl;
}

}  // namespace wasync::sim
