// The subcommands, one file each. Each writes its result through the console, returns the
// process's exit code, and throws Error for what run() reports.
#pragma once

#include "cli/console.h"
#include "cli/options.h"

namespace wasync {

int accounts_list(const Console& console, const GlobalOptions& global,
                  const AccountsListOptions& options);
int backfill(const Console& console, const GlobalOptions& global, const BackfillOptions& options);
int diagnose(const Console& console, const GlobalOptions& global, const DiagnoseOptions& options);
int listen(const Console& console, const GlobalOptions& global, const ListenOptions& options);
int messages_search(const Console& console, const GlobalOptions& global,
                    const MessagesSearchOptions& options);
int pair(const Console& console, const GlobalOptions& global, const PairOptions& options);
int report(const Console& console, const GlobalOptions& global, const ReportOptions& options);
int threads_list(const Console& console, const GlobalOptions& global,
                 const ThreadsListOptions& options);
int threads_show(const Console& console, const GlobalOptions& global,
                 const ThreadsShowOptions& options);
int unpair(const Console& console, const GlobalOptions& global, const UnpairOptions& options);

}  // namespace wasync
