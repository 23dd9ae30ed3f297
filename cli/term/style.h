// Colour and emphasis, or nothing where they are not wanted.
#pragma once

#include <string>
#include <string_view>

namespace wasync::term {

enum class ColorWhen { kAuto, kAlways, kNever };

// kAuto: on a terminal that is not "dumb", unless NO_COLOR (no-color.org) is set.
bool color_wanted(ColorWhen when, bool is_terminal);

class Style {
 public:
  Style() = default;  // nothing
  explicit Style(bool enabled) : enabled_(enabled) {}
  bool enabled() const { return enabled_; }

  std::string bold(std::string_view text) const { return wrap("1", text); }
  std::string dim(std::string_view text) const { return wrap("2", text); }
  std::string red(std::string_view text) const { return wrap("31", text); }
  std::string green(std::string_view text) const { return wrap("32", text); }
  std::string yellow(std::string_view text) const { return wrap("33", text); }
  std::string cyan(std::string_view text) const { return wrap("36", text); }

 private:
  std::string wrap(std::string_view code, std::string_view text) const;
  bool enabled_ = false;
};

}  // namespace wasync::term
