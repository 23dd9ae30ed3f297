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

// Ask the token server, and wait. Throw Error(kFirestoreRefused) when it refuses, naming its
// reason and a clock of ours that is wrong; Error(kFirestoreUnreachable) when it does not answer,
// or with an error of its own or no token at all; Error(kInterrupted). `now`: of this machine's
// clock.
AccessToken fetch_token(HttpClient& client, const ServiceAccount& account, UnixSeconds now,
                        std::function<bool()> interrupted = {});
AccessToken fetch_token(HttpClient& client, const AuthorizedUser& user, UnixSeconds now,
                        std::function<bool()> interrupted = {});

// {"access_token": …, "expires_in": seconds}, as every source of tokens answers; throws
// Error(kFirestoreUnreachable) for what is none. `whom` it comes from: "the token server x".
AccessToken parse_token(const HttpAnswer& answer, const Words& whom, UnixSeconds now);

// For no answer at all.
Error unreachable(const Words& whom, const HttpFailure& failure);
// For a status that says "not now".
Error answered(const Words& whom, long status);

}  // namespace wasync
