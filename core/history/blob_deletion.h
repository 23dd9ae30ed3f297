// Deleting a blob of history at the media servers after its content is stored: no device needs it
// any more. (Facts: whatsmeow upload.go.)
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "history/media_crypto.h"
#include "history/media_servers.h"

namespace wasync {

namespace pb {
class HistorySyncNotification;
}

struct DeletionOptions {
  std::string user_agent{};  // empty: none is sent
  // What the phone has told (HistorySync.companionMetaNonce), for servers that demand it of whoever
  // deletes a blob with a handle. Empty: none is sent.
  std::string secret{};
  long timeout_s = 3;  // short, because a blob that stays does no harm here
  std::function<bool()> interrupted{};
};

// Asks the first of the servers. Throws Error(kProtocol) when the notification or the server's
// address is malformed, Error(kServerRefused) when the server refuses, Error(kNetwork) when it does
// not answer in time, and Error(kInterrupted). No error contains the servers' secret.
//   Does nothing when the notification names no blob, or there is no server or secret for it.
void delete_blob(const pb::HistorySyncNotification& notification, const MediaServers& servers,
                 const DeletionOptions& options);

// Like blob_url, and throws the same. The result holds the secret `auth`.
std::string deletion_url(std::string_view host, std::string_view direct_path,
                         BytesView file_enc_sha256, std::string_view enc_handle,
                         std::string_view auth, const MediaType& type);

}  // namespace wasync
