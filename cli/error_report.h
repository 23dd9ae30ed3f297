// How an error is told to a person, in their language.
#pragma once

#include "base/error.h"
#include "cli/console.h"

namespace wasync {

// What to do about it: the error's own advice, else that for its code. May be empty.
Words advice_on(const Error& error);

// What went wrong and what to do, on stderr; with --json also the `error` event on stdout.
void report(const Console& console, const Error& error);

// Only what `report` says on stderr.
void say_error(const Console& console, const Error& error);

// That a signal stopped the command, and what to do now. Returns the process's exit code.
int report_stopped(const Console& console, int signal, Phrase advice);

}  // namespace wasync
