# Completion of wa-sync for fish. Made by scripts/completions/generate: change that.
function __wa_sync_command --description 'Whether this is the command so far'
    set -l words
    set -l value no
    for word in (commandline -opc)[2..-1]
        if test $value = yes
            set value no
            continue
        end
        switch $word
            case --state-dir --config --account --inbox --project --database --server --server-key --web-version --color --lang --log-format --phone --method --name --qr --qr-png --passkey-script --history --timeout --trace --http --http-token-file --firebase-project --lease --thread --threads --count --in-flight --limit --search --since --source --before
                set value yes
            case '-*'
            case '*'
                set -a words $word
        end
    end
    test "$words" = "$argv"
end

complete -c wa-sync -f
complete -c wa-sync -n __wa_sync_command -a pair -d 'Link this host as a device and fetch the history'
complete -c wa-sync -n __wa_sync_command -a listen -d 'Receive every new message of all paired accounts, until you stop it'
complete -c wa-sync -n __wa_sync_command -a backfill -d 'Ask the phone for older messages of conversations that exist'
complete -c wa-sync -n __wa_sync_command -a diagnose -d 'Say why the Inbox is empty or incomplete, and what to do about it'
complete -c wa-sync -n __wa_sync_command -a report -d 'Write what a report of a fault needs into one archive, to read and to send'
complete -c wa-sync -n __wa_sync_command -a unpair -d 'Unlink this host; keep the inbox or delete it'
complete -c wa-sync -n __wa_sync_command -a accounts -d 'Commands: list'
complete -c wa-sync -n __wa_sync_command -a threads -d 'Commands: list, show'
complete -c wa-sync -n __wa_sync_command -a help -d 'What a command does'
complete -c wa-sync -n '__wa_sync_command accounts' -a list -d 'List accounts: phone, name, status and counts'
complete -c wa-sync -n '__wa_sync_command threads' -a list -d 'List conversations as the Inbox app would show them, newest first'
complete -c wa-sync -n '__wa_sync_command threads' -a show -d 'Show the messages of one conversation'
complete -c wa-sync -n '__wa_sync_command help' -a 'pair listen backfill diagnose report unpair accounts threads environment'
complete -c wa-sync -s h -l help -d 'Show this help and exit'
complete -c wa-sync -l version -d 'Show the version and exit'
complete -c wa-sync -l state-dir -x -a '(__fish_complete_directories)' -d 'Directory of the accounts (default: $STATE_DIRECTORY, then $XDG_STATE_HOME/wa-sync, then ~/.local/state/wa-sync)'
complete -c wa-sync -l config -r -F -d 'Configuration file (default: $XDG_CONFIG_HOME/wa-sync/config.toml, then /etc/wa-sync/config.toml)'
complete -c wa-sync -l account -x -d 'Account to use; needed only when there are several'
complete -c wa-sync -l inbox -x -a 'sqlite firestore' -d 'Where conversations go: SQLite in the state directory alone, or also Firestore (default: firestore when a project or an emulator is configured, else sqlite)'
complete -c wa-sync -l project -x -d 'Firestore project (default: $WA_SYNC_FIRESTORE_PROJECT, $GOOGLE_CLOUD_PROJECT, then that of the credentials)'
complete -c wa-sync -l database -x -d 'Firestore database of that project (default: (default))'
complete -c wa-sync -l server -x -d 'Address of WhatsApp (default: the real service)'
complete -c wa-sync -l server-key -x -d 'Trusted root key of a simulator; needs --server'
complete -c wa-sync -l web-version -x -a 'auto built-in' -d 'Version of WhatsApp Web to claim (default: auto, which asks the service; built-in with another --server)'
complete -c wa-sync -l json -d 'Print results as JSON; pair, listen and backfill print one event a line'
complete -c wa-sync -s q -l quiet -d 'Print no remarks and no progress on standard error'
complete -c wa-sync -s v -l verbose -d 'Log every step on standard error'
complete -c wa-sync -l color -x -a 'auto always never' -d 'When to use colours (default: auto, on terminals without NO_COLOR)'
complete -c wa-sync -l lang -x -a 'en ro' -d 'Language of messages (default: from the locale)'
complete -c wa-sync -l log-format -x -a 'text json' -d 'Format of log lines (default: text)'
complete -c wa-sync -n '__wa_sync_command pair' -l phone -x -d 'Phone number of the account, with its country code; pair links no other phone'
complete -c wa-sync -n '__wa_sync_command pair' -l method -x -a 'qr code' -d 'How to link: scan a QR code (default), or type 8 characters on the phone of --phone'
complete -c wa-sync -n '__wa_sync_command pair' -l name -x -d 'Name of the account on this host'
complete -c wa-sync -n '__wa_sync_command pair' -l qr -x -a 'auto utf8 ascii' -d 'How to draw the QR code (default: auto, as the terminal allows)'
complete -c wa-sync -n '__wa_sync_command pair' -l qr-png -r -F -d 'Also write the QR code to this picture; pair replaces it with each new code and removes it at the end'
complete -c wa-sync -n '__wa_sync_command pair' -l passkey-script -r -F -d 'If the account demands its passkey, also write the lines to run in a browser to this file; pair removes it at the end'
complete -c wa-sync -n '__wa_sync_command pair' -l history -x -a 'full recent' -d 'How much history to ask for (default: full)'
complete -c wa-sync -n '__wa_sync_command pair' -l again -d 'Unlink and link again, even if nothing is wrong; pair keeps the inbox'
complete -c wa-sync -n '__wa_sync_command pair' -l no-wait -d 'Stop once linked; the history arrives later'
complete -c wa-sync -n '__wa_sync_command pair' -l timeout -x -d 'Give up when nothing happens for this time: 90s, 10m, 1h (default: 10m for the phone to scan, less for the later steps)'
complete -c wa-sync -n '__wa_sync_command pair' -l trace -r -F -d 'Write every stanza that comes or goes to FILE, without names, numbers, texts and keys: for a report of a fault'
complete -c wa-sync -n '__wa_sync_command listen' -l http -x -d 'Serve the HTTP API and metrics at this address (default: do not serve)'
complete -c wa-sync -n '__wa_sync_command listen' -l http-token-file -r -F -d 'File with a token; clients that send it may use the HTTP API'
complete -c wa-sync -n '__wa_sync_command listen' -l firebase-project -x -d 'Firebase project; its users may use the HTTP API, with their ID tokens'
complete -c wa-sync -n '__wa_sync_command listen' -l lease -x -d 'How long a claim to an account lasts when several hosts share it (default: 90s)'
complete -c wa-sync -n '__wa_sync_command listen' -l trace -r -F -d 'Write every stanza that comes or goes to FILE, without names, numbers, texts and keys: for a report of a fault'
complete -c wa-sync -n '__wa_sync_command backfill' -l thread -x -d 'Ask only about this conversation: its id, address, phone or unambiguous name; repeat for more'
complete -c wa-sync -n '__wa_sync_command backfill' -l threads -x -d 'Ask about the newest N conversations (default: $WHATSAPP_BACKFILL_THREADS, else 50)'
complete -c wa-sync -n '__wa_sync_command backfill' -l all -d 'Ask about all conversations'
complete -c wa-sync -n '__wa_sync_command backfill' -l count -x -d 'Stop with a conversation after N new messages (default: $WHATSAPP_BACKFILL_COUNT, else 100)'
complete -c wa-sync -n '__wa_sync_command backfill' -l in-flight -x -d 'Ask about N conversations at once, 1 to 8 (default: 1)'
complete -c wa-sync -n '__wa_sync_command backfill' -l force -d 'Also ask about conversations for which the phone has nothing older'
complete -c wa-sync -n '__wa_sync_command backfill' -l dry-run -d 'Only list the conversations to ask about'
complete -c wa-sync -n '__wa_sync_command backfill' -l timeout -x -d 'Stop after this time, even if work is left: 90s, 10m, 1h (default: 5m)'
complete -c wa-sync -n '__wa_sync_command backfill' -l trace -r -F -d 'Write every stanza that comes or goes to FILE, without names, numbers, texts and keys: for a report of a fault'
complete -c wa-sync -n '__wa_sync_command diagnose' -l live -d 'Also ask WhatsApp itself: over the listener\'s connection, or by a login when no other process is connected'
complete -c wa-sync -n '__wa_sync_command diagnose' -l check-file -d 'Verify the account\'s file even when it is larger than 64 MiB: reads all of it'
complete -c wa-sync -n '__wa_sync_command diagnose' -l timeout -x -d 'Stop the checks after this time and judge by what they found: 5s, 1m (default: 10s)'
complete -c wa-sync -n '__wa_sync_command diagnose' -l fix -d 'Do the safe repairs; shows them first, and asks'
complete -c wa-sync -n '__wa_sync_command diagnose' -l yes -d 'With --fix: do not ask; needed without a terminal'
complete -c wa-sync -n '__wa_sync_command report' -l trace -r -F -d 'Also pack the end of this trace, which --trace of pair, listen or backfill has written'
complete -c wa-sync -n '__wa_sync_command unpair' -l purge -d 'Also delete the account on this host, with all its conversations; asks first'
complete -c wa-sync -n '__wa_sync_command unpair' -l yes -d 'Do not ask; needed without a terminal'
complete -c wa-sync -n '__wa_sync_command unpair' -l timeout -x -d 'Give up when WhatsApp does not answer within this time: 30s, 2m (default: 1m)'
complete -c wa-sync -n '__wa_sync_command threads list' -l limit -x -d 'Show at most N (default: 50)'
complete -c wa-sync -n '__wa_sync_command threads list' -l all -d 'Show all'
complete -c wa-sync -n '__wa_sync_command threads list' -l hidden -d 'Also show conversations that the app hides, with the reason'
complete -c wa-sync -n '__wa_sync_command threads list' -l search -x -d 'Show only conversations whose name, phone, address or last message contains TEXT'
complete -c wa-sync -n '__wa_sync_command threads list' -l since -x -d 'Show only conversations with a message since TIME: 2026-03-01, an RFC 3339 time, 24h, 7d'
complete -c wa-sync -n '__wa_sync_command threads list' -l source -x -a 'local firestore' -d 'List the conversations stored here (default), or those that the app\'s query gets from Firestore'
complete -c wa-sync -n '__wa_sync_command threads show' -l limit -x -d 'Show the newest N messages (default: 50)'
complete -c wa-sync -n '__wa_sync_command threads show' -l before -x -d 'Show only messages before TIME: 2026-03-01, an RFC 3339 time, 24h, 7d'
