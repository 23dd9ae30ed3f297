// What Firestore is told about who asks: Google's credentials, and the access tokens that are got
// for them. (Facts: google.aip.dev/auth/4110 to 4115 for the sources and their files, RFC 7523 for
// the service account's grant.)
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/environment.h"
#include "base/http.h"

namespace wasync {

// Found once, used from one thread. Holds secrets; what source(), warnings() and its errors say
// holds none.
class Credentials {
 public:
  // The first of these that there is:
  //   FIRESTORE_EMULATOR_HOST               an emulator: no credentials at all
  //   FIREBASE_SERVICE_ACCOUNT_JSON         the key file's text itself
  //   FIREBASE_SERVICE_ACCOUNT_PATH         a service account's key file
  //   GOOGLE_APPLICATION_CREDENTIALS        such a file, or a user's
  //   gcloud's application default credentials, in $CLOUDSDK_CONFIG or ~/.config/gcloud
  //   the metadata server of Google's machines ($GCE_METADATA_HOST), whether or not there is one
  // Reads files, asks nobody. Throws Error(kConfig), saying what is wrong where and what to do,
  // when the one found is malformed, of a kind that is not supported, or unreadable: the next one
  // is then not what was meant.
  static Credentials find(const Environment& environment);

  // Whether there is any but the metadata server. Looks, but does not read.
  static bool configured(const Environment& environment);

  Credentials(Credentials&&) noexcept;
  Credentials& operator=(Credentials&&) noexcept;
  ~Credentials();

  // For people: "FIREBASE_SERVICE_ACCOUNT_PATH=/etc/key.json (service account inbox@p.iam…)".
  const std::string& source() const;
  // "127.0.0.1:8080", to be spoken to without TLS.
  std::optional<std::string> emulator() const;
  // Sentences about what works but should not be so, such as a key file that anybody can read.
  const std::vector<std::string>& warnings() const;

  // The project that the credentials belong to; nothing for an emulator, or when they name none.
  // Asks the metadata server where that is the source: nothing when it does not answer.
  std::optional<std::string> project(HttpClient& client, std::function<bool()> interrupted = {});
  // A user's credentials are billed to this project: the value of the header
  // x-goog-user-project, which Firestore demands for them.
  std::optional<std::string> quota_project() const;

  // The value of the Authorization header, "Bearer …", good for two more minutes at least. Asked
  // for when there is none that lasts five, and kept in memory. Waits for the answer. Throws
  //   Error(kFirestoreRefused)      the token server refuses: trying again is pointless,
  //   Error(kFirestoreUnreachable)  it does not answer, or only with an error of its own: later,
  //   Error(kConfig)                there are no credentials: nothing was found but the metadata
  //                                 server, and there is none.
  //   Error(kInterrupted)           `interrupted` said so.
  std::string authorization(HttpClient& client, UnixSeconds now,
                            std::function<bool()> interrupted = {});
  // After Firestore answered 401: the next authorization() asks for another one.
  void forget_token();

 private:
  struct State;
  explicit Credentials(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace wasync
