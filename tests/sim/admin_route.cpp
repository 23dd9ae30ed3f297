#include "sim/admin_route.h"

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace wasync::sim {

using Json = nlohmann::json;

HttpAnswer json_answer(const Json& body, unsigned status) {
  HttpAnswer answer;
  answer.status = status;
  answer.body = body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  return answer;
}

HttpAnswer dispatch(const std::vector<Route>& routes, World& world, const HttpQuestion& question) {
  bool known_path = false;
  try {
    for (const Route& route : routes) {
      if (route.path != question.path) continue;
      known_path = true;
      if (route.method == question.method) return route.answer(world, question);
    }
  } catch (const Error& error) {
    return json_answer({{"error", error.what()}}, 409);
  } catch (const Json::exception& error) {
    return json_answer({{"error", error.what()}}, 400);
  }
  return json_answer({{"error", known_path ? "wrong method" : "no such resource"}},
                     known_path ? 405 : 404);
}

}  // namespace wasync::sim
