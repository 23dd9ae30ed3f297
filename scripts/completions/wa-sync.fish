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
            case --state-dir --config --account --inbox --project --database --server --server-key --web-version --color --lang --log-format --phone --method --name --qr --qr-png --history --timeout --http --http-token-file --firebase-project --lease --thread --threads --count --in-flight --limit --search --since --source --before
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
complete -c wa-sync -n __wa_sync_command -a listen -d 'Run all paired accounts: every new message, until it is stopped'
complete -c wa-sync -n __wa_sync_command -a backfill -d 'Ask the phone for older messages of conversations that exist'
complete -c wa-sync -n __wa_sync_command -a diagnose -d 'Say why the Inbox is empty or incomplete, and what to do about it'
complete -c wa-sync -n __wa_sync_command -a unpair -d 'Unlink this host, and keep the inbox or delete it'
complete -c wa-sync -n __wa_sync_command -a accounts -d 'Commands: list'
complete -c wa-sync -n __wa_sync_command -a threads -d 'Commands: list, show'
complete -c wa-sync -n __wa_sync_command -a help -d 'What a command does'
complete -c wa-sync -n '__wa_sync_command accounts' -a list -d 'List accounts: phone, name, status and counts'
complete -c wa-sync -n '__wa_sync_command threads' -a list -d 'List conversations as the Inbox app would show them, newest first'
complete -c wa-sync -n '__wa_sync_command threads' -a show -d 'Show one conversation, to read'
complete -c wa-sync -n '__wa_sync_command help' -a 'pair listen backfill diagnose unpair accounts threads environment'
complete -c wa-sync -s h -l help -d 'Show this help and exit'
complete -c wa-sync -l version -d 'Show the version and exit'
complete -c wa-sync -l state-dir -x -a '(__fish_complete_directories)' -d 'Where accounts are kept (default: $STATE_DIRECTORY, then $XDG_STATE_HOME/wa-sync, then ~/.local/state/wa-sync)'
complete -c wa-sync -l config -r -F -d 'Configuration (default: $XDG_CONFIG_HOME/wa-sync/config.toml, then /etc/wa-sync/config.toml)'
complete -c wa-sync -l account -x -d 'Which account, in any unambiguous form; not needed with one'
complete -c wa-sync -l inbox -x -a 'sqlite firestore' -d 'Where conversations go: SQLite in the state directory, or from there also to Firestore (default: firestore where a project or an emulator is named, else sqlite)'
complete -c wa-sync -l project -x -d 'Project of Firestore (default: $WA_SYNC_FIRESTORE_PROJECT, $GOOGLE_CLOUD_PROJECT, then that of the credentials)'
complete -c wa-sync -l database -x -d 'Database of that project (default: (default))'
complete -c wa-sync -l server -x -d 'Where WhatsApp is (default: the real service)'
complete -c wa-sync -l server-key -x -d 'Trusted root key of a simulator; only together with --server'
complete -c wa-sync -l web-version -x -a 'auto built-in' -d 'Version of WhatsApp Web to claim (default: auto, what the service names, else the built-in one; with another --server the built-in one)'
complete -c wa-sync -l json -d 'Results as JSON; events one a line for pair, listen and backfill'
complete -c wa-sync -s q -l quiet -d 'No remarks and no progress on standard error'
complete -c wa-sync -s v -l verbose -d 'Log what happens on standard error'
complete -c wa-sync -l color -x -a 'auto always never' -d 'Colours: on terminals without NO_COLOR (default), always or never'
complete -c wa-sync -l lang -x -a 'en ro' -d 'Language of messages (default: from the locale)'
complete -c wa-sync -l log-format -x -a 'text json' -d 'Form of log lines (default: text)'
complete -c wa-sync -n '__wa_sync_command pair' -l phone -x -d 'Phone number of the account, with its country code; no other phone is linked'
complete -c wa-sync -n '__wa_sync_command pair' -l method -x -a 'qr code' -d 'How to link: scan a QR code (default), or type 8 characters on the phone of --phone'
complete -c wa-sync -n '__wa_sync_command pair' -l name -x -d 'What to call the account here'
complete -c wa-sync -n '__wa_sync_command pair' -l qr -x -a 'auto utf8 ascii' -d 'How to draw the QR code (default: what the terminal can show)'
complete -c wa-sync -n '__wa_sync_command pair' -l qr-png -r -F -d 'Also write the QR code as a picture, replaced when it rotates, removed once used'
complete -c wa-sync -n '__wa_sync_command pair' -l history -x -a 'full recent' -d 'How much history to ask for (default: full)'
complete -c wa-sync -n '__wa_sync_command pair' -l again -d 'Unlink and link again even where nothing seems wrong; the inbox is kept'
complete -c wa-sync -n '__wa_sync_command pair' -l no-wait -d 'Stop once linked; history comes later'
complete -c wa-sync -n '__wa_sync_command pair' -l timeout -x -d 'Give up when nothing happens for so long: 90s, 10m, 1h (default: 10m for the phone to scan, less for what follows)'
complete -c wa-sync -n '__wa_sync_command listen' -l http -x -d 'Serve the HTTP API and metrics there (default: not at all)'
complete -c wa-sync -n '__wa_sync_command listen' -l http-token-file -r -F -d 'Whoever sends the token in this file may use the HTTP API'
complete -c wa-sync -n '__wa_sync_command listen' -l firebase-project -x -d 'So may users of this project, with their Firebase ID tokens'
complete -c wa-sync -n '__wa_sync_command listen' -l lease -x -d 'How long a claim to an account lasts where several hosts share it (default: 90s)'
complete -c wa-sync -n '__wa_sync_command backfill' -l thread -x -d 'Only this one: its id, address, phone or unambiguous name; may be given again'
complete -c wa-sync -n '__wa_sync_command backfill' -l threads -x -d 'The newest so many (default: $WHATSAPP_BACKFILL_THREADS, else 50)'
complete -c wa-sync -n '__wa_sync_command backfill' -l all -d 'All of them'
complete -c wa-sync -n '__wa_sync_command backfill' -l count -x -d 'So many messages for each (default: $WHATSAPP_BACKFILL_COUNT, else 100)'
complete -c wa-sync -n '__wa_sync_command backfill' -l in-flight -x -d 'Ask about so many at once, 1 to 8 (default: 1)'
complete -c wa-sync -n '__wa_sync_command backfill' -l force -d 'Also those for which the phone has said that it has nothing older'
complete -c wa-sync -n '__wa_sync_command backfill' -l dry-run -d 'Only say which would be asked about'
complete -c wa-sync -n '__wa_sync_command backfill' -l timeout -x -d 'End after so long, whatever is left: 90s, 10m, 1h (default: 5m)'
complete -c wa-sync -n '__wa_sync_command diagnose' -l live -d 'Also ask WhatsApp itself: over the listener\'s connection, or by a login where nobody else is connected'
complete -c wa-sync -n '__wa_sync_command diagnose' -l timeout -x -d 'Say what is known after so long, whatever hangs: 5s, 1m (default: 10s)'
complete -c wa-sync -n '__wa_sync_command diagnose' -l fix -d 'Do the repairs that are safe; shows them first, and asks'
complete -c wa-sync -n '__wa_sync_command diagnose' -l yes -d 'With --fix: do not ask; needed without a terminal'
complete -c wa-sync -n '__wa_sync_command unpair' -l purge -d 'Also delete the account here, with all its conversations; asks first'
complete -c wa-sync -n '__wa_sync_command unpair' -l yes -d 'Do not ask; needed without a terminal'
complete -c wa-sync -n '__wa_sync_command unpair' -l timeout -x -d 'Give up when WhatsApp does not answer for so long: 30s, 2m (default: 1m)'
complete -c wa-sync -n '__wa_sync_command threads list' -l limit -x -d 'At most so many (default: 50)'
complete -c wa-sync -n '__wa_sync_command threads list' -l all -d 'No limit'
complete -c wa-sync -n '__wa_sync_command threads list' -l hidden -d 'Also those the app hides, with the reason'
complete -c wa-sync -n '__wa_sync_command threads list' -l search -x -d 'Only where name, phone, address or last message contain this'
complete -c wa-sync -n '__wa_sync_command threads list' -l since -x -d 'Only with a message since then: 2026-03-01, an RFC 3339 time, 24h, 7d'
complete -c wa-sync -n '__wa_sync_command threads list' -l source -x -a 'local firestore' -d 'What is stored here (default), or what the app gets from Firestore, by its own query'
complete -c wa-sync -n '__wa_sync_command threads show' -l limit -x -d 'The newest so many (default: 50)'
complete -c wa-sync -n '__wa_sync_command threads show' -l before -x -d 'Only older ones: 2026-03-01, an RFC 3339 time, 24h, 7d'
