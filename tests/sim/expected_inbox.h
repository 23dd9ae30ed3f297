// What an inbox should show once the whole pushed history is in: the answer key of the tests.
// Derived from the dataset by the contract's own rules, without core/inbox.
#pragma once

#include <string>

namespace wasync::sim {

struct Dataset;

// {owner, threads: […], contacts: […]}; see the function's fields in docs of the simulator.
std::string expected_inbox_json(const Dataset& dataset);

}  // namespace wasync::sim
