complete -c kea-top -s c -l config -d 'Query the daemons of this Kea configuration [default: those of this host]' -r -F
complete -c kea-top -l server -d 'Server to query: the path of a control socket, a URL, or a name in the file of servers' -r
complete -c kea-top -l servers -d 'File with a list of servers, in TOML; all are queried unless --server selects some' -r -F
complete -c kea-top -s i -l interval -d 'Time between two queries of a server, 200ms to 1h' -r
complete -c kea-top -s f -l format -d 'With --once: the format, text or json' -r -f -a "text\t''
json\t''"
complete -c kea-top -l record -d 'File to write everything that is answered to, for --replay' -r -F
complete -c kea-top -l replay -d 'Show a recording instead of servers' -r -F
complete -c kea-top -l width -d 'Width in columns [default: the terminal\'s; in a pipe that of the variable COLUMNS]' -r
complete -c kea-top -l once -d 'Query the servers once, print an overview and exit'
complete -c kea-top -s h -l help -d 'Print the usual options; --help all prints every option'
complete -c kea-top -s V -l version -d 'Print version'
