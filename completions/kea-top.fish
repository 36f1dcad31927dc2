complete -c kea-top -s c -l config -d 'Query the daemons of this Kea configuration [default: those of this host]' -r -F
complete -c kea-top -l server -d 'A server: a control socket, a URL, or a name in the file of servers' -r
complete -c kea-top -l servers -d 'File of servers, TOML; all of them unless --server names some' -r -F
complete -c kea-top -s i -l interval -d 'Time between two questions' -r
complete -c kea-top -s f -l format -d 'Format of that frame: text, json' -r -f -a "text\t''
json\t''"
complete -c kea-top -l record -d 'File to write everything that is answered to, for --replay' -r -F
complete -c kea-top -l replay -d 'Show a recording instead of servers' -r -F
complete -c kea-top -l width -d 'Width in columns [default: the terminal\'s; in a pipe that of the variable COLUMNS]' -r
complete -c kea-top -l once -d 'Print one frame, and end'
complete -c kea-top -s h -l help -d 'Print the usual options; --help all prints every option'
complete -c kea-top -s V -l version -d 'Print version'
