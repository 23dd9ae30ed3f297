// What the simulator can be told to do wrong, so that every safeguard of a client has a test.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace wasync::sim {

// The known names, and in a word or two what each does. A fault is `name` or `name=value`.
struct FaultDescription {
  std::string_view name;
  std::string_view effect;
};
std::span<const FaultDescription> known_faults();

// The faults switched on at the moment. Adding one: a line in faults.cpp, and
// `if (faults.on("name"))` where it strikes.
class Faults {
 public:
  // Throws Error(kUsage) for an unknown name. The value "off" switches it off again.
  void set(std::string_view fault);

  bool on(std::string_view name) const { return values_.contains(name); }
  // On, and from now on off: for faults that strike once.
  bool take(std::string_view name);
  // For faults with a number of times: one less, off at zero.
  void count_down(std::string_view name);
  std::string value(std::string_view name) const;          // empty when off or without value
  int number(std::string_view name, int otherwise) const;  // the value as a number

  const std::map<std::string, std::string, std::less<>>& all() const { return values_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace wasync::sim
