# Completion of wa-sync for bash. Made by scripts/completions/generate: change that.
_wa_sync() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  # Bash makes --option=value three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  case $prev in
    --inbox) COMPREPLY=($(compgen -W "sqlite firestore" -- "$cur")) ;;
    --web-version) COMPREPLY=($(compgen -W "auto built-in" -- "$cur")) ;;
    --color) COMPREPLY=($(compgen -W "auto always never" -- "$cur")) ;;
    --lang) COMPREPLY=($(compgen -W "en ro" -- "$cur")) ;;
    --log-format) COMPREPLY=($(compgen -W "text json" -- "$cur")) ;;
    --method) COMPREPLY=($(compgen -W "qr code" -- "$cur")) ;;
    --qr) COMPREPLY=($(compgen -W "auto utf8 ascii" -- "$cur")) ;;
    --history) COMPREPLY=($(compgen -W "full recent" -- "$cur")) ;;
    --search-index) COMPREPLY=($(compgen -W "on off" -- "$cur")) ;;
    --source) COMPREPLY=($(compgen -W "local firestore" -- "$cur")) ;;
    --config|--qr-png|--passkey-script|--trace|--http-token-file|--http-allow)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      ;;
    --state-dir)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      ;;
    --account|--project|--database|--server|--server-key|--phone|--name|--timeout|--http|--firebase-project|--lease|--thread|--threads|--count|--in-flight|--limit|--search|--since|--before) ;;
    *) COMPREPLY=($(compgen -W "$(_wa_sync_words)" -- "$cur")) ;;
  esac
}

# What may come next, behind the command so far.
_wa_sync_words() {
  local i word value= command=
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $value ]]; then
      [[ $word == = ]] || value=
      continue
    fi
    case $word in
      --state-dir|--config|--account|--inbox|--project|--database|--server|--server-key|--web-version|--color|--lang|--log-format|--phone|--method|--name|--qr|--qr-png|--passkey-script|--history|--timeout|--search-index|--trace|--http|--http-token-file|--firebase-project|--http-allow|--lease|--thread|--threads|--count|--in-flight|--limit|--search|--since|--source|--before) value=yes ;;
      -*) ;;
      *) command=${command:+$command }$word ;;
    esac
  done
  case $command in
    '') echo pair listen backfill diagnose report unpair accounts threads messages help ;;
    help) echo pair listen backfill diagnose report unpair accounts threads messages environment ;;
    accounts | 'help accounts') echo list ;;
    threads | 'help threads') echo list show ;;
    messages | 'help messages') echo search ;;
    pair) echo --phone --method --name --qr --qr-png --passkey-script --history --again --no-wait --timeout --search-index --trace ;;
    listen) echo --http --http-token-file --firebase-project --http-allow --lease --search-index --trace ;;
    backfill) echo --thread --threads --all --count --in-flight --force --dry-run --timeout --search-index --trace ;;
    diagnose) echo --live --check-file --timeout --fix --yes ;;
    report) echo --trace ;;
    unpair) echo --purge --yes --timeout ;;
    'threads list') echo --limit --all --hidden --search --since --source ;;
    'threads show') echo --limit --before ;;
    'messages search') echo --thread --since --limit ;;
  esac
  echo -h --help --version --state-dir --network-state-dir --config --account --inbox --project --database --server --server-key --web-version --json -q --quiet -v --verbose --color --lang --log-format
}

complete -F _wa_sync wa-sync
