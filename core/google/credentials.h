// Google's credentials, and the access tokens that we get for them and show to Firestore.
// (Facts: google.aip.dev/auth/4110 to 4115 for the sources and their files, RFC 7523 for the
// service account's grant.)
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

// Found once, used from one thread. Holds secrets; source(), warnings() and the errors contain
// none.
class Credentials {
 public:
  // The first of these that exists:
  //   FIRESTORE_EMULATOR_HOST               an emulator: no credentials at all
  //   FIREBASE_SERVICE_ACCOUNT_JSON         the key file's text itself
  //   FIREBASE_SERVICE_ACCOUNT_PATH         a service account's key file
  //   GOOGLE_APPLICATION_CREDENTIALS        such a file, or a user's
  //   gcloud's application default credentials, in $CLOUDSDK_CONFIG or ~/.config/gcloud
  //   the metadata server of Google's machines ($GCE_METADATA_HOST), whether or not there is one
  // Reads files, and makes no request. When the first one is malformed, unreadable or of a kind
  // that we do not support, throws Error(kConfig), which says what is wrong where and what to do:
  // the user did not mean the next one.
  static Credentials find(const Environment& environment);

  // Whether there is any source besides the metadata server. Looks for files, and reads none.
  static bool configured(const Environment& environment);

  Credentials(Credentials&&) noexcept;
  Credentials& operator=(Credentials&&) noexcept;
  ~Credentials();

  // For people: "FIREBASE_SERVICE_ACCOUNT_PATH=/etc/key.json (service account inbox@p.iam…)".
  const std::string& source() const;
  // "127.0.0.1:8080", for requests without TLS.
  std::optional<std::string> emulator() const;
  // Sentences about what works but is unsafe, such as a key file that every user can read.
  const std::vector<std::string>& warnings() const;

  // The project that the credentials belong to; nothing for an emulator, or when they name none. If
  // the metadata server is the source, asks it: nothing when it does not answer.
  std::optional<std::string> project(HttpClient& client, std::function<bool()> interrupted = {});
  // The project that Google bills for a user's credentials: the value of the header
  // x-goog-user-project, which Firestore demands for them.
  std::optional<std::string> quota_project() const;

  // The value of the Authorization header, "Bearer …", good for two more minutes at least. Keeps
  // the token in memory. When it does not last for five more minutes, asks for another one and
  // waits for the answer. Throws
  //   Error(kFirestoreRefused)      the token server refuses: do not try again,
  //   Error(kFirestoreUnreachable)  it does not answer, or has an error of its own: try later,
  //   Error(kConfig)                there are no credentials: the metadata server was the only
  //                                 source left, and there is none,
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
