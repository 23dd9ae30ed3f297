#include "cli/passkey_script.h"

namespace wasync {

std::string passkey_script(const std::string& options) {
  return "// Asks for your WhatsApp passkey and prints its answer. Sends nothing.\n"
         "console.log(JSON.stringify(await navigator.credentials.get({\n"
         "  publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(\n" +
         options + "\n  )})));\n";
}

}  // namespace wasync
