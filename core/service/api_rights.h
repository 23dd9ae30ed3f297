// What somebody may do through the API, and the list of who may: the file of listen --http-allow.
//
// One line for each grant:
//
//   WHO [read|manage] [ACCOUNT…]
//
// WHO is a user's uid, a verified e-mail address, `claim=value` for a custom claim that the
// operator's own code sets, or `@staff` for whoever is staff by the Inbox's own rule
// (inbox_staff.h). Without a role it is read, without accounts all. Several lines may name the same
// user. Empty lines, and what begins with #, say nothing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "inbox/ids.h"
#include "service/firebase_token.h"

namespace wasync {

// Who manages may read too.
enum class ApiRole { kRead, kManage };

// What the account ids of one phone have in common, whatever their namespace: 32 hex digits.
using PhoneHash = std::string;
PhoneHash phone_hash_of(const AccountId& account);

struct ApiGrant {
  ApiRole role = ApiRole::kRead;
  std::vector<AccountId> accounts{};  // empty: all of them
  std::vector<PhoneHash> except{};    // but never those
};

// Of one client.
struct ApiRights {
  std::vector<ApiGrant> grants{};

  bool any() const { return !grants.empty(); }
  bool allow(ApiRole role, const AccountId& account) const;
};
ApiRights rights_to_all(ApiRole role);

struct ApiAllowed {
  enum class By { kUid, kEmail, kClaim, kStaff };
  By by = By::kUid;
  std::string who{};    // uid, address in small letters, or the claim's name
  std::string value{};  // of the claim
  ApiGrant grant{};
};

// Throws Error(kConfig) for a file that cannot be read or that others may write (then they would
// say who may), and for a line that is wrong: the error names file and line.
std::vector<ApiAllowed> read_allow_file(const std::filesystem::path& file);

// What the Inbox itself says of a user: see inbox_staff.h.
struct StaffRule {
  bool is_staff = false;
  std::vector<PhoneHash> admin_only{};  // phones that are not for staff
};
// Whether some line asks for it.
bool names_staff(const std::vector<ApiAllowed>& list);

// Of a user whose token is verified; none when the list does not name the user.
ApiRights rights_of(const FirebaseToken& user, const std::vector<ApiAllowed>& list,
                    const StaffRule& staff = {});

}  // namespace wasync
