// A request to a media server: with the headers those servers expect, and without TLS only to
// this machine.
#pragma once

#include <string>

#include "base/http.h"
#include "base/phrase.h"

namespace wasync {

// A GET of a URL that blob_url.cpp has made and checked: this does not check it again. Without a
// `user_agent` it sends no such header.
HttpRequest media_request(std::string url, const std::string& user_agent);

// The answer, whatever its status. Throws Error(kMedia) when the answer is larger than the request
// allows, Error(kNetwork) when there is none or it breaks off, Error(kInterrupted), and what
// `on_body` threw. `doing` begins the message of an error: "downloading a history blob". No
// error contains the URL, which may hold a secret.
HttpAnswer send_media_request(HttpClient& client, HttpRequest request, const Words& doing);

// Advice on what goes wrong at a media server.
inline constexpr Phrase kTriedAgainLater{"wa-sync tries again later.",
                                         "wa-sync încearcă din nou mai târziu."};

}  // namespace wasync
