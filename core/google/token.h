// Access tokens: what Google gives for credentials, for an hour or so.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/http.h"
#include "google/credential_file.h"

namespace wasync {

inline constexpr const char* kFirestoreScope = "https://www.googleapis.com/auth/datastore";

struct AccessToken {
  std::string value;  // secret
  UnixSeconds expires_at;
};

// These ask the token server, and wait. They throw Error(kFirestoreRefused) when it refuses, with
// its reason and, if our clock is wrong, that; Error(kFirestoreUnreachable) when it does not
// answer, has an error of its own, or sends no token; Error(kInterrupted). `now` is this machine's
// time.
AccessToken fetch_token(HttpClient& client, const ServiceAccount& account, UnixSeconds now,
                        std::function<bool()> interrupted = {});
AccessToken fetch_token(HttpClient& client, const AuthorizedUser& user, UnixSeconds now,
                        std::function<bool()> interrupted = {});

// Reads {"access_token": …, "expires_in": seconds}, which every source of tokens answers. Throws
// Error(kFirestoreUnreachable) for anything else. `whom` names the source: "the token server x".
AccessToken parse_token(const HttpAnswer& answer, const Words& whom, UnixSeconds now);

// The error for no answer at all.
Error unreachable(const Words& whom, const HttpFailure& failure);
// For a status that says "not now".
Error answered(const Words& whom, long status);

}  // namespace wasync
