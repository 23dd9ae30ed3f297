// Text that strangers wrote: we repair it before we store it, fold and cut it before we show it in
// one line, and disarm it before it reaches a terminal or a log.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wasync {

bool is_valid_utf8(std::string_view text);

// The same text with every byte that is not valid UTF-8 (overlong forms, surrogates and
// values beyond U+10FFFF included) replaced by U+FFFD; NUL too, because C interfaces and
// SQLite's own functions end a text there. Valid text comes back unchanged.
std::string repaired_utf8(std::string_view text);
// Whether repaired_utf8 would leave the text unchanged.
bool is_storable(std::string_view text);

// Runs of white space (Unicode's, line breaks and tabs included) become one space; none
// is left at either end. Input must be valid UTF-8.
std::string folded_whitespace(std::string_view text);

// The longest prefix of valid UTF-8 that has at most this many characters (code points)
// or bytes. A joiner (U+200D) left dangling at the end is dropped too.
std::string_view first_characters(std::string_view text, std::size_t count);
std::string_view first_bytes(std::string_view text, std::size_t count);

std::size_t count_characters(std::string_view text);

// A key for searching: letters in lower case, Latin ones without their accents ("Ștefan" and
// "stefan" have the same key). It is never stored, so that its rules may change.
std::string search_key(std::string_view text);

// For a terminal or a log line: invalid bytes become U+FFFD; control characters (C0, DEL,
// C1: no escape sequence survives), line and paragraph separators become a space; bidi
// embeddings, overrides and isolates, and other invisible format marks that reorder or
// hide text, are removed. Joiners needed by emoji and scripts stay.
std::string terminal_safe(std::string_view text);

// As above, but keeps '\n' (for the body of a message that is shown on many lines).
std::string terminal_safe_lines(std::string_view text);

// The form in which a row keeps an error: terminal_safe, and at most 500 bytes.
std::string storable_error(std::string_view error);

}  // namespace wasync
