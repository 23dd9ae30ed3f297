// A few lines at the bottom of a terminal that are redrawn in place, and a progress bar for them.
#pragma once

#include <string>
#include <vector>

#include "cli/term/terminal.h"

namespace wasync::term {

// The cursor rests at the end of the last line, without a newline behind it, so that an
// area as high as the window does not scroll. Nothing else may write to the terminal
// between `show` and `release`.
class LiveArea {
 public:
  explicit LiveArea(int descriptor) : descriptor_(descriptor) {}
  // Leaves what is shown on the screen.
  ~LiveArea() { release(); }
  LiveArea(const LiveArea&) = delete;
  LiveArea& operator=(const LiveArea&) = delete;

  Size room() const { return size(descriptor_); }

  // Replaces what was shown. Lines must fit the window's width, and the area its height.
  // After the window was resized the screen is cleared first: terminals move lines about
  // in their own ways.
  void show(const std::vector<std::string>& lines);
  // Takes away what was shown.
  void erase();
  // Keeps what is shown and moves on to the next line.
  void release();
  // Ordinary lines that stay; only when nothing is shown.
  void print(const std::string& text) const { write(text); }

 private:
  std::string back_to_start() const;
  void write(const std::string& text) const;

  int descriptor_;
  Size drawn_in_;
  std::size_t height_ = 0;
};

// A progress bar: "██████▌─────" of exactly `columns` cells; in ASCII "######------". Clamps
// `percent` to 0…100.
std::string bar(int percent, int columns, bool utf8);

}  // namespace wasync::term
